import css from './talk.css?inline';

/** Lays the styles into a page of ours or a shadow root; a policy without inline styles allows it. */
export function adopt(root: Document | ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
