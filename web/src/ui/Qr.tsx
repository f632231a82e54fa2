import classes from './Qr.module.css';

/** A QR code as the program draws it: dark modules as a path. Dark on white in both themes, or readers miss it. */
export function Qr({
  code,
  size = 176,
  label,
}: {
  code: { size: number; path: string };
  size?: number;
  label: string;
}) {
  const quiet = 4;
  const side = code.size + 2 * quiet;
  return (
    <svg
      className={classes.qr}
      width={size}
      height={size}
      viewBox={`${-quiet} ${-quiet} ${side} ${side}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect className={classes.plate} x={-quiet} y={-quiet} width={side} height={side} />
      <path className={classes.modules} d={code.path} />
    </svg>
  );
}
