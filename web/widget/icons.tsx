// Drawn here: an icon font would be heavier than the widget.
const stroke = {
  viewBox: '0 0 24 24',
  fill: 'none',
  stroke: 'currentColor',
  'stroke-width': '1.9',
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
  'aria-hidden': 'true',
} as const;

export const AttachIcon = () => (
  // biome-ignore lint/a11y/noSvgWithoutTitle: its button has a name
  <svg {...stroke}>
    <path d="m21 11.5-8.6 8.6a5.6 5.6 0 0 1-8-8l8.7-8.6a3.8 3.8 0 0 1 5.3 5.3l-8.6 8.6a1.9 1.9 0 0 1-2.7-2.7l8-7.9" />
  </svg>
);
export const SendIcon = () => (
  // biome-ignore lint/a11y/noSvgWithoutTitle: its button has a name
  <svg {...stroke}>
    <path d="M5 12h14M13 6l6 6-6 6" />
  </svg>
);
export const CloseIcon = () => (
  // biome-ignore lint/a11y/noSvgWithoutTitle: its button has a name
  <svg {...stroke}>
    <path d="m6 9 6 6 6-6" />
  </svg>
);
export const SoundIcon = ({ on }: { on: boolean }) => (
  // biome-ignore lint/a11y/noSvgWithoutTitle: its button has a name
  <svg {...stroke}>
    <path d="M6 9v6h3l5 4V5L9 9z" />
    {on ? <path d="M17.5 9.5a4 4 0 0 1 0 5" /> : <path d="m17 10 4 4m0-4-4 4" />}
  </svg>
);
export const BubbleIcon = () => (
  // biome-ignore lint/a11y/noSvgWithoutTitle: its button has a name
  <svg {...stroke}>
    <path d="M4 11.5C4 7.4 7.6 4.5 12 4.5s8 2.9 8 7-3.6 7-8 7c-.8 0-1.6-.1-2.3-.3L5.5 20l.9-3.3C4.9 15.4 4 13.6 4 11.5z" />
    <path d="M8.7 11.5h0M12 11.5h0M15.300 11.5h0" stroke-width="2.6" />
  </svg>
);
export const Logo = () => (
  <svg viewBox="0 0 48 48" aria-hidden="true">
    <g fill="none" stroke="#e3b565" stroke-width="3.2" stroke-linecap="round">
      <path d="M9.6 18.5C4 18 3.6 27 9.4 27.4M38.4 18.5c5.6-.5 6 8.5.2 8.9" />
    </g>
    <g fill="#e3b565">
      <circle cx="24" cy="4.6" r="2.7" />
      <path d="M14.5 12.6c.4-3.5 4.2-4.7 9.5-4.7s9.1 1.2 9.5 4.7z" />
    </g>
    <path
      fill="#d26a36"
      d="M10.2 15h27.6c1.1 2.7 1.7 5.6 1.7 8.6 0 8.6-5 14.4-11.8 14.4h-4.5l-6.6 6.3c-.6.6-1.6.2-1.6-.7v-6.7C10.8 34.6 8.5 29.7 8.5 23.6c0-3 .6-5.9 1.7-8.6z"
    />
    <path stroke="#fff3e0" stroke-width="4.6" stroke-linecap="round" d="M17.3 25.5h0M24 25.5h0M30.7 25.5h0" />
  </svg>
);
