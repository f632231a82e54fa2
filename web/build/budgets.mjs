// What may be loaded, packed by gzip: `node build/budgets.mjs <folder of build/all.mjs>`. Fails when something has grown
// beyond its budget. Fonts and pictures are not counted: they keep nobody waiting.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const KB = 1024;
// The shell is what the first sight waits for; a page is all that it brings beyond the shell. The frame is what opens over
// any page and comes behind it, while one looks.
const BUDGETS = { shell: 150 * KB, frame: 80 * KB, page: 120 * KB, mini: 30 * KB, widget: 15 * KB };
// A browser asks a server for six files at a time; a page of many small ones waits in line.
const FILES_MAX = 24;
const FRAME = ['src/app/Overlays.tsx', 'src/shell/PersonMenu.tsx', 'src/shell/CompanyMenu.tsx'];

const out = resolve(process.argv[2] ?? 'dist');
const lines = [];
let over = 0;

const console_ = await manifest('console');
const shell = closure(console_, entryOf(console_, 'index.html'));
tell('shell', 'the shell of the console', await weigh('console', shell));
const frame = new Set(
  FRAME.flatMap((name) => [...closure(console_, entryOf(console_, name))]).filter(beyond(shell)),
);
tell('frame', 'the frame of the console', await weigh('console', frame));
const parts = Object.entries(console_).filter(
  ([name, one]) => one.isDynamicEntry && one.src && !FRAME.includes(name),
);
for (const [source, chunk] of parts) {
  const known = new Set(shell);
  // What a page brings behind itself finds the page there.
  for (const [, page] of parts.filter(([, page]) => page !== chunk && page.dynamicImports?.includes(source)))
    closure(console_, page, known);
  const own = new Set([...closure(console_, chunk)].filter(beyond(known)));
  const name = source.replace(/^src\/features\//, '');
  tell('page', name, await weigh('console', own));
  const share = own.size / FILES_MAX;
  if (share > 1) over += 1;
  lines.push({ share, words: `${String(own.size).padStart(7)} of ${FILES_MAX} files   ${name}` });
}
const faces = await manifest('faces');
tell('mini', 'the Mini App', await weigh('faces', closure(faces, entryOf(faces, 'mini/index.html'))));
tell(
  'widget',
  'the chat on a page of its own',
  await weigh('faces', closure(faces, entryOf(faces, 'widget/page.html'))),
);
tell('widget', 'the widget', await weigh('widget', new Set(['widget.js'])));

lines.sort((one, two) => two.share - one.share);
for (const { words, share } of lines.filter((line, at) => at < 14 || line.share > 1))
  console.log(`${share > 1 ? 'OVER ' : '     '}${words}`);
if (over > 0) {
  console.error(`${over} over budget`);
  process.exit(1);
}

async function manifest(folder) {
  return JSON.parse(await readFile(join(out, folder, '.vite/manifest.json'), 'utf8'));
}

function entryOf(all, name) {
  const entry = all[name];
  if (!entry) throw new Error(`${name} was not built`);
  return entry;
}

function beyond(known) {
  return (file) => !known.has(file);
}

/** The files that are loaded with a chunk, its styles too. */
function closure(all, chunk, into = new Set()) {
  if (into.has(chunk.file)) return into;
  into.add(chunk.file);
  for (const style of chunk.css ?? []) into.add(style);
  for (const name of chunk.imports ?? []) closure(all, all[name], into);
  return into;
}

async function weigh(folder, files) {
  const sizes = [...files]
    .filter((file) => /\.(js|css)$/.test(file))
    .map(async (file) => gzipSync(await readFile(join(out, folder, file)), { level: 9 }).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function tell(budget, what, size) {
  const share = size / BUDGETS[budget];
  if (share > 1) over += 1;
  lines.push({
    share,
    words: `${(size / KB).toFixed(1).padStart(7)} of ${BUDGETS[budget] / KB} KB  ${what}`,
  });
}
