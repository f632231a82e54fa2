import { useRef, useState } from 'preact/hooks';
import { Chat, type View } from './client';

/** The conversation of a channel, and how it looks now. */
export function useChat(base: string, language: string, payload: string | null = null): [Chat, View] {
  const [view, show] = useState<View>({ lines: [], open: false, fresh: true, typing: false });
  const chat = useRef<Chat | null>(null);
  chat.current ??= new Chat(base, language, show, payload);
  return [chat.current, view];
}
