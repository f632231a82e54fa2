import { Alert, Button, FileButton, Modal, Textarea } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../api/client';
import type { components } from '../../api/schema';
import { language, useWords } from '../../i18n';
import { whole } from '../../lib/format';
import { FormTrouble } from '../../ui/FormTrouble';
import type { Pool } from './CodesPage';
import classes from './Promotions.module.css';

type Report = components['schemas']['UploadedCodes'];
type UploadProps = { promotion: string; pool: Pool; close: () => void; done: () => void };

/** Codes as a file or a pasted list, and what became of each line. */
export function Upload({ promotion, pool, close, done }: UploadProps) {
  const t = useWords('promotions');
  const [text, setText] = useState('');
  const bring = useMutation({
    mutationFn: async (body: Blob): Promise<Report> => {
      const response = await fetch(`/api/v1/promotions/${promotion}/pools/${pool.id}/codes`, {
        method: 'POST',
        headers: {
          'content-type': 'application/octet-stream',
          'x-samovar': 'console',
          'accept-language': language(),
        },
        body,
      });
      if (!response.ok) throw await problemOf(response);
      return response.json();
    },
    onSuccess: () => {
      setText('');
      done();
    },
  });
  const report = bring.data;
  return (
    <Modal opened onClose={close} title={t('codes.uploadTitle', { partner: pool.partner || '…' })}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          bring.mutate(new Blob([text]));
        }}
      >
        <p className={classes.note}>{t('codes.uploadHint')}</p>
        <FormTrouble problem={bring.error} />
        {report && (
          <Alert color={report.added > 0 ? 'mint' : 'honey'}>
            {t('codes.report', {
              added: whole(report.added),
              known: whole(report.known + report.repeated),
              bad: whole(report.bad),
            })}
            {report.shown.slice(0, 5).map((one) => (
              <div key={one.line}>{t('codes.badLine', { line: one.line, value: one.value })}</div>
            ))}
          </Alert>
        )}
        <div>
          <FileButton
            onChange={(file) => file && bring.mutate(file)}
            accept=".xlsx,.csv,.txt,text/csv,text/plain"
          >
            {(props) => (
              <Button
                {...props}
                variant="default"
                leftSection={<IconUpload size={17} />}
                loading={bring.isPending}
              >
                {t('codes.file')}
              </Button>
            )}
          </FileButton>
        </div>
        <Textarea
          label={t('codes.paste')}
          description={t('codes.pasteHint')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autosize
          minRows={4}
          maxRows={10}
        />
        <div className={classes.ends}>
          <Button variant="default" onClick={close}>
            {t('do.close', { ns: 'common' })}
          </Button>
          <Button type="submit" disabled={!text.trim()} loading={bring.isPending}>
            {t('codes.doUpload')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
