import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

const VIRTUAL = 'virtual:mantine-styles';
const THEIRS = /@mantine\/core\/esm\/.*\.mjs$/;
// Names of classes; what they look like stands in a file of the same name.
const NAMES = /from "(?:\.\.?\/)+(\w+)\.module\.mjs"/g;
// Variables are written by the provider, whole: most of the ready ones would be of colours that are not ours.
const BASE = ['baseline', 'global'];

const styles = (name: string) => `@mantine/core/styles/${name}.layer.css`;
const { resolve } = createRequire(import.meta.url);

/** Some components have no styles of their own. */
function isThere(file: string): boolean {
  try {
    resolve(file);
    return true;
  } catch {
    return false;
  }
}

/**
 * Styles of Mantine come with the components that are used, so that a page brings those of its own components and the
 * shell no others. While developing, all of them at once.
 */
export function mantineStyles(): Plugin {
  let whole = false;
  return {
    name: 'mantine-styles',
    configResolved: (config) => {
      whole = config.command === 'serve';
    },
    resolveId: (id) => (id === VIRTUAL ? `\0${VIRTUAL}` : undefined),
    load(id) {
      if (id !== `\0${VIRTUAL}`) return;
      const files = whole ? ['@mantine/core/styles.layer.css'] : BASE.map(styles);
      return files.map((file) => `import ${JSON.stringify(file)};`).join('\n');
    },
    transform(code, id) {
      if (whole || !THEIRS.test(id)) return;
      const files = [...code.matchAll(NAMES)].map(([, name]) => styles(name!)).filter(isThere);
      if (files.length === 0) return;
      // Behind the other imports: a component is above the components it is made of.
      return { code: `${code}\n${files.map((file) => `import '${file}';`).join('\n')}`, map: null };
    },
  };
}
