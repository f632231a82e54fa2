// What a Mini App says to the Telegram around it, and hears from it, without a script of others: launch data lies in the
// address, events go to the window's own bridge or to the frame's parent.

interface Bridge {
  TelegramWebviewProxy?: { postEvent(type: string, data: string): void };
  external?: { notify?(message: string): void };
  Telegram?: { WebView: { receiveEvent(type: string, data: unknown): void } };
}

type Listener = (data: unknown) => void;

const listeners = new Map<string, Set<Listener>>();
const given = new URLSearchParams(location.hash.slice(1));

/** As Telegram signed it; empty outside of Telegram. */
export const launch = given.get('tgWebAppData') ?? '';

/** The colours of the program around: dark or light, where it tells. */
export function schemeOf(theme: unknown): 'dark' | 'light' | null {
  const colour = (theme as { bg_color?: string } | null)?.bg_color;
  if (!colour || !/^#[0-9a-f]{6}$/i.test(colour)) return null;
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [
    number,
    number,
    number,
  ];
  return red * 0.299 + green * 0.587 + blue * 0.114 < 128 ? 'dark' : 'light';
}

/** The theme with which it was opened. */
export function firstTheme(): unknown {
  try {
    return JSON.parse(given.get('tgWebAppThemeParams') ?? 'null');
  } catch {
    return null;
  }
}

export function tell(type: string, data: unknown = {}): void {
  const bridge = window as unknown as Bridge;
  if (bridge.TelegramWebviewProxy) bridge.TelegramWebviewProxy.postEvent(type, JSON.stringify(data));
  else if (bridge.external?.notify)
    bridge.external.notify(JSON.stringify({ eventType: type, eventData: data }));
  else if (window.parent !== window)
    window.parent.postMessage(JSON.stringify({ eventType: type, eventData: data }), '*');
}

/** Until what is returned is called. */
export function hear(type: string, listener: Listener): () => void {
  const all = listeners.get(type) ?? new Set();
  listeners.set(type, all.add(listener));
  return () => all.delete(listener);
}

function received(type: string, data: unknown): void {
  for (const listener of listeners.get(type) ?? []) listener(data);
}

(window as unknown as Bridge).Telegram = { WebView: { receiveEvent: received } };
window.addEventListener('message', (event) => {
  if (event.source !== window.parent || typeof event.data !== 'string') return;
  try {
    const { eventType, eventData } = JSON.parse(event.data) as { eventType?: string; eventData?: unknown };
    if (eventType) received(eventType, eventData);
  } catch {
    // not for us
  }
});
