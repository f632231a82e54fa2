const stroke = {
  viewBox: '0 0 24 24',
  fill: 'none',
  stroke: 'currentColor',
  'stroke-width': '1.7',
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
  'aria-hidden': 'true',
} as const;

const PATHS = {
  card: 'M3 7a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM3 10h18M7 15h3',
  rewards:
    'M4 11h16v8a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM3 8h18v3H3zM12 8v12M12 8S10.5 3.5 8 4.5 9 8 12 8zM12 8s1.5-4.5 4-3.5S15 8 12 8z',
  orders: 'M6 8h12l1 12H5zM9 10V7a3 3 0 0 1 6 0v3',
  history: 'M12 7v5l3 2M4 12a8 8 0 1 0 2.5-5.800L4 8.5M4 4v4.5h4.5',
  gift: 'M5 11h14v8a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1zM4 8h16v3H4zM12 8v12',
  done: 'm5 12.5 4.5 4.5L19 7.5',
};

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  // biome-ignore lint/a11y/noSvgWithoutTitle: words stand beside it
  <svg {...stroke}>
    <path d={PATHS[name]} />
  </svg>
);

export const Logo = () => (
  <svg class="logo" viewBox="0 0 48 48" aria-hidden="true">
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
