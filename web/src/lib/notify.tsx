import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { Problem } from '../api/client';
import { word } from '../i18n';

/** A short word that something is done; `action` is usually the way back. */
export function tell(message: string, action?: { label: string; run: () => void }): void {
  const id = notifications.show({
    icon: <IconCheck size={18} />,
    color: 'mint',
    autoClose: action ? 10_000 : 4000,
    closeButtonProps: { 'aria-label': word('do.close') },
    message: action ? (
      <span>
        {message}{' '}
        <button
          type="button"
          className="link-button"
          onClick={() => {
            action.run();
            notifications.hide(id);
          }}
        >
          {action.label}
        </button>
      </span>
    ) : (
      message
    ),
  });
}

/** What went wrong, in the words of the program. */
export function tellProblem(problem: unknown): void {
  const message = problem instanceof Error ? problem.message : String(problem);
  const request = problem instanceof Problem ? problem.requestId : undefined;
  notifications.show({
    icon: <IconAlertTriangle size={18} />,
    color: 'cranberry',
    autoClose: 8000,
    closeButtonProps: { 'aria-label': word('do.close') },
    title: message,
    message: request ?? null,
  });
}
