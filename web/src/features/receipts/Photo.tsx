import { ActionIcon, Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import {
  IconMaximize,
  IconPhotoOff,
  IconRotate2,
  IconRotateClockwise2,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react';
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { useWords } from '../../i18n';
import classes from './Photo.module.css';

const NEAR = 8;
const STEP = 1.4;

type View = { scale: number; turn: number; x: number; y: number };
const WHOLE: View = { scale: 1, turn: 0, x: 0, y: 0 };

/** The picture of a receipt: nearer by the wheel or the buttons, turned, moved by dragging. */
export function Photo({ src, alt, keys = false }: { src?: string; alt: string; keys?: boolean }) {
  const t = useWords('receipts');
  const [view, setView] = useState(WHOLE);
  const [broken, setBroken] = useState(false);
  const grip = useRef<{ x: number; y: number } | null>(null);
  const place = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another picture is seen whole again
  useEffect(() => {
    setView(WHOLE);
    setBroken(false);
  }, [src]);
  const zoom = (by: number) =>
    setView((now) => {
      const scale = Math.min(NEAR, Math.max(1, now.scale * by));
      return scale === 1 ? { ...now, scale, x: 0, y: 0 } : { ...now, scale };
    });
  const turn = (by: number) => setView((now) => ({ ...now, turn: now.turn + by }));
  // The page must not scroll while the wheel zooms: React's own listener may not prevent that.
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
    };
    box.addEventListener('wheel', wheel, { passive: false });
    return () => box.removeEventListener('wheel', wheel);
  });
  const physical = { usePhysicalKeys: true };
  useHotkeys(
    keys
      ? [
          ['Equal', () => zoom(STEP), physical],
          ['Minus', () => zoom(1 / STEP), physical],
          ['T', () => turn(90), physical],
        ]
      : [],
  );
  const hold = (event: PointerEvent<HTMLDivElement>) => {
    if (view.scale === 1) return;
    grip.current = { x: event.clientX - view.x, y: event.clientY - view.y };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const held = grip.current;
    if (held) setView((now) => ({ ...now, x: event.clientX - held.x, y: event.clientY - held.y }));
  };
  const release = () => {
    grip.current = null;
  };
  if (!src || broken) {
    return (
      <div className={classes.place} data-none>
        <IconPhotoOff size={26} stroke={1.4} aria-hidden />
        <p>{t(broken ? 'photo.gone' : 'photo.none')}</p>
      </div>
    );
  }
  const tools = [
    { name: 'nearer', Icon: IconZoomIn, run: () => zoom(STEP), off: view.scale >= NEAR },
    { name: 'farther', Icon: IconZoomOut, run: () => zoom(1 / STEP), off: view.scale <= 1 },
    { name: 'left', Icon: IconRotate2, run: () => turn(-90), off: false },
    { name: 'right', Icon: IconRotateClockwise2, run: () => turn(90), off: false },
    { name: 'whole', Icon: IconMaximize, run: () => setView(WHOLE), off: view === WHOLE },
  ] as const;
  return (
    <div className={classes.frame}>
      <div
        ref={place}
        className={classes.place}
        data-near={view.scale > 1 || undefined}
        onPointerDown={hold}
        onPointerMove={move}
        onPointerUp={release}
        onPointerCancel={release}
      >
        <img
          src={src}
          alt={alt}
          draggable={false}
          onError={() => setBroken(true)}
          style={{
            transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale}) rotate(${view.turn}deg)`,
          }}
        />
      </div>
      <div className={classes.tools}>
        {tools.map(({ name, Icon, run, off }) => (
          <Tooltip key={name} label={t(`photo.${name}`)}>
            <ActionIcon onClick={run} disabled={off} aria-label={t(`photo.${name}`)}>
              <Icon size={18} />
            </ActionIcon>
          </Tooltip>
        ))}
      </div>
    </div>
  );
}
