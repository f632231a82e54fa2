import { percent, whole } from '../lib/format';
import classes from './Steps.module.css';

/** A bar of a list. */
export type Step = { label: string; hint?: string; value: number };

type StepsProps = {
  steps: Step[];
  /** Each against the one before it (a funnel), or all against the largest (a list). */
  funnel?: boolean;
  /** «66 % от прошлого шага». */
  from?: (share: string) => string;
};

/** Bars under each other: how far people come, or what is most. */
export function Steps({ steps, funnel, from }: StepsProps) {
  const top = funnel ? (steps[0]?.value ?? 0) : Math.max(0, ...steps.map((step) => step.value));
  const all = steps.reduce((sum, step) => sum + step.value, 0);
  return (
    <ul className={classes.steps}>
      {steps.map((step, at) => {
        const before = steps[at - 1]?.value;
        const share = funnel ? step.value / (top || 1) : step.value / (all || 1);
        return (
          <li key={step.label}>
            {funnel && before !== undefined && from && (
              <p className={classes.drop}>↳ {from(percent(before ? step.value / before : 0))}</p>
            )}
            <div className={classes.line}>
              <span>
                <b>{step.label}</b> {step.hint}
              </span>
              <b className={classes.value}>{whole(step.value)}</b>
              <span className={classes.share}>{percent(share, 0)}</span>
            </div>
            <div className={classes.track}>
              <span
                style={{
                  width: `${top ? (step.value / top) * 100 : 0}%`,
                  opacity: funnel ? 1 - at * 0.17 : 1,
                }}
              />
            </div>
          </li>
        );
      })}
    </ul>
  );
}
