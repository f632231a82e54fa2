/** The show of a draw: which pictures follow one another. Pure. */

export type Prize = { name: string; count: number };
export type Won = { prize: number; number: number; name: string };
export type Randomness = { kind: string; [part: string]: unknown };

/** What of a protocol is shown. */
export type Protocol = {
  announcement: string;
  announced: string;
  randomness: Randomness;
  seed: string;
  winners: Won[];
};

export type Show = {
  title: string;
  company: string;
  tickets: number;
  prizes: Prize[];
  protocol: Protocol;
  rehearsal: boolean;
};

export type Picture =
  | { kind: 'title' }
  | { kind: 'announced' }
  | { kind: 'randomness' }
  | { kind: 'prize'; prize: number }
  | { kind: 'winner'; prize: number; won: Won; of: number; at: number }
  | { kind: 'winners'; prize: number; won: Won[]; page: number; pages: number }
  | { kind: 'end' };

/** Up to so many winners of a prize are shown one by one, the others by pages. */
export const ONE_BY_ONE = 3;
export const ON_A_PAGE = 12;

/** From the smallest prize to the greatest: plans name the greatest first. */
export function pictures(show: Show): Picture[] {
  const all: Picture[] = [{ kind: 'title' }, { kind: 'announced' }, { kind: 'randomness' }];
  for (let prize = show.prizes.length; prize >= 1; prize -= 1) {
    const won = show.protocol.winners.filter((one) => one.prize === prize);
    if (won.length === 0) continue;
    all.push({ kind: 'prize', prize });
    if (won.length <= ONE_BY_ONE) {
      won.forEach((one, at) => {
        all.push({ kind: 'winner', prize, won: one, of: won.length, at: at + 1 });
      });
      continue;
    }
    const pages = Math.ceil(won.length / ON_A_PAGE);
    for (let page = 0; page < pages; page += 1) {
      const some = won.slice(page * ON_A_PAGE, (page + 1) * ON_A_PAGE);
      all.push({ kind: 'winners', prize, won: some, page: page + 1, pages });
    }
  }
  all.push({ kind: 'end' });
  return all;
}

/** All numbers are as wide as the widest: «004 812». */
export function digits(number: number, widest: number): string {
  return String(number).padStart(Math.max(3, String(widest).length), '0');
}

/** Prizes as the announcement names them: `prize: 1 3 500000 Name`. */
export function prizesOf(announcement: string): Prize[] {
  const lines = announcement.split('\n').filter((line) => line.startsWith('prize: '));
  return lines.flatMap((line) => {
    const parts = /^prize: \d+ (\d+) \d+ (.+)$/.exec(line);
    return parts ? [{ count: Number(parts[1]), name: parts[2] ?? '' }] : [];
  });
}

/** A line of the announcement. */
export function told(announcement: string, name: string): string {
  const line = announcement.split('\n').find((one) => one.startsWith(`${name}: `));
  return line ? line.slice(name.length + 2) : '';
}

/** What is shown of the randomness: what it is said to be, and its value. */
export function valueSaid(randomness: Randomness): string {
  const value = randomness.signature ?? randomness.hash ?? randomness.value ?? randomness.secret;
  return typeof value === 'string' ? value : '';
}
