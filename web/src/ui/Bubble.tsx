import type { ReactNode } from 'react';
import classes from './Bubble.module.css';

/** Who said it: the guest (left), the bot, a person of ours (right), a note for the team. */
export type Voice = 'guest' | 'bot' | 'us' | 'note';

type BubbleProps = {
  voice: Voice;
  head?: ReactNode;
  foot?: ReactNode;
  buttons?: { label: string; press?: () => void }[][];
  children: ReactNode;
};

/** A message as people see it in a chat. */
export function Bubble({ voice, head, foot, buttons, children }: BubbleProps) {
  return (
    <div className={classes.bubble} data-voice={voice}>
      {head && <div className={classes.head}>{head}</div>}
      <div className={classes.text}>{children}</div>
      {buttons?.map((row) => (
        <div key={row.map((one) => one.label).join('|')} className={classes.row}>
          {row.map((one) =>
            one.press ? (
              <button type="button" key={one.label} onClick={one.press}>
                {one.label}
              </button>
            ) : (
              <span key={one.label}>{one.label}</span>
            ),
          )}
        </div>
      ))}
      {foot && <div className={classes.foot}>{foot}</div>}
    </div>
  );
}
