// What is built beside the console: the widget, one script for any site; and the pages of chat, demo and Mini App.
import { join } from 'node:path';
import { build } from 'vite';

const preact = {
  configFile: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
};

/** Into `<out>/widget/widget.js` and `<out>/faces`. */
export async function buildFaces(web, out) {
  await build({
    ...preact,
    root: join(web, 'widget'),
    publicDir: false,
    build: {
      target: 'es2022',
      outDir: join(out, 'widget'),
      emptyOutDir: true,
      reportCompressedSize: false,
      lib: {
        entry: join(web, 'widget/embed.tsx'),
        name: 'samovar',
        formats: ['iife'],
        fileName: () => 'widget.js',
      },
    },
  });
  await build({
    ...preact,
    root: web,
    publicDir: false,
    // The pages are served at several addresses: what they load is named from the root.
    base: '/faces/',
    build: {
      target: 'es2022',
      outDir: join(out, 'faces'),
      emptyOutDir: true,
      manifest: true,
      modulePreload: false,
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      rollupOptions: { input: ['widget/page.html', 'mini/index.html'].map((page) => join(web, page)) },
    },
  });
}
