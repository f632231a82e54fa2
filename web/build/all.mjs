// Builds everything the program embeds into the folder given (or `dist`), and packs each file beside itself.
// Called by crates/console/build.rs and by `npm run build`.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { buildFaces } from './faces.mjs';

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const out = resolve(process.argv[2] ?? join(web, 'dist'));
const PACKED = new Set(['.js', '.css', '.svg', '.html', '.json']);

process.chdir(web);
await build({ root: web, logLevel: 'warn', build: { outDir: join(out, 'console'), emptyOutDir: true } });
await buildFaces(web, out);
for (const folder of ['console', 'widget', 'faces']) await pack(join(out, folder));

/** Writes `.br` and `.gz` beside every text of `folder`: the program never packs while it serves. */
async function pack(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile() && PACKED.has(extname(one.name)))) {
    const path = join(entry.parentPath, entry.name);
    const body = await readFile(path);
    const size = { [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
    await writeFile(`${path}.br`, brotliCompressSync(body, { params: size }));
    await writeFile(`${path}.gz`, gzipSync(body, { level: 9 }));
  }
}
