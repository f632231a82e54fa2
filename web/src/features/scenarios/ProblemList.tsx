import { useWords } from '../../i18n';
import classes from './Builder.module.css';
import { problemWords } from './draw';
import { capital, type Draft, placeOf } from './model';
import type { DraftProblem } from './useDraft';

/** What is wrong; a press shows it on the canvas. */
export function ProblemList({
  problems,
  draft,
  show,
}: {
  problems: DraftProblem[];
  draft: Draft;
  show: (node: string) => void;
}) {
  const t = useWords('scenarios');
  return (
    <ul className={classes.problems}>
      {problems.map((one) => {
        const { node } = placeOf(one.path);
        return (
          <li key={`${one.path} ${one.code} ${one.detail}`} data-bad={one.severity === 'error' || undefined}>
            {node ? (
              <button type="button" onClick={() => show(node)}>
                {capital(problemWords(one, draft, t))}
              </button>
            ) : (
              capital(one.text)
            )}
          </li>
        );
      })}
    </ul>
  );
}
