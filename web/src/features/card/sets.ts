import type { CardDesign } from '../../lib/loyalty';

/** Colours of cards that go together: these are data of the shop's card, not colours of the console. */
export const SETS: { name: string; colours: CardDesign['colours'] }[] = [
  { name: 'lacquer', colours: { background: '#1c1512', ink: '#f7efe6', accent: '#e3b565', mark: '#d26a36' } },
  { name: 'copper', colours: { background: '#8a3a16', ink: '#fff4ea', accent: '#f4cd8a', mark: '#3a1a0c' } },
  { name: 'cobalt', colours: { background: '#1f3a8a', ink: '#f3f6ff', accent: '#f0c869', mark: '#d26a36' } },
  {
    name: 'malachite',
    colours: { background: '#12493a', ink: '#f0faf4', accent: '#e6c77a', mark: '#b4532a' },
  },
  {
    name: 'raspberry',
    colours: { background: '#7c1533', ink: '#fff1f4', accent: '#f3c9a5', mark: '#2a0a14' },
  },
  {
    name: 'porcelain',
    colours: { background: '#f6f1ea', ink: '#241e1a', accent: '#a5481d', mark: '#2f50b2' },
  },
];
