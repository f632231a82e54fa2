import { Button, FileButton, Input } from '@mantine/core';
import { IconPhoto, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { problemOf } from '../api/client';
import { language, useWords } from '../i18n';
import { pictureUrl } from '../lib/loyalty';
import { tellProblem } from '../lib/notify';
import classes from './PictureField.module.css';

const SIDE_MAX = 1600;
const BYTES_FINE = 900_000;

type PictureFieldProps = {
  label: string;
  hint?: string;
  /** `file/fil_…`. */
  value?: string;
  onChange: (key: string | undefined) => void;
  /** Proportions in which it is shown: `1012 / 638`. */
  ratio?: string;
};

/** A picture of the company: chosen, made smaller here, brought at once. */
export function PictureField({ label, hint, value, onChange, ratio = '4 / 3' }: PictureFieldProps) {
  const t = useWords();
  const [busy, setBusy] = useState(false);
  const bring = async (file: File | null) => {
    if (!file) return;
    setBusy(true);
    try {
      onChange(await bringPicture(file));
    } catch (problem) {
      tellProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  const shown = pictureUrl(value);
  return (
    <Input.Wrapper label={label} description={hint} component="div">
      <div className={classes.field}>
        <div className={classes.place} style={{ aspectRatio: ratio }}>
          {shown ? <img src={shown} alt="" /> : <IconPhoto size={26} stroke={1.4} aria-hidden />}
        </div>
        <div className={classes.actions}>
          <FileButton
            onChange={(file) => void bring(file)}
            accept="image/jpeg,image/png,image/webp"
            inputProps={{ 'aria-label': label }}
          >
            {(props) => (
              <Button {...props} variant="default" size="xs" loading={busy}>
                {shown ? t('picture.other') : t('picture.choose')}
              </Button>
            )}
          </FileButton>
          {shown && (
            <Button
              variant="subtle"
              color="gray"
              size="xs"
              leftSection={<IconTrash size={15} />}
              onClick={() => onChange(undefined)}
            >
              {t('picture.remove')}
            </Button>
          )}
        </div>
      </div>
    </Input.Wrapper>
  );
}

async function bringPicture(file: File): Promise<string> {
  const response = await fetch('/api/v1/pictures', {
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      'x-samovar': 'console',
      'accept-language': language(),
    },
    body: await smaller(file),
  });
  if (!response.ok) throw await problemOf(response);
  const picture: { key: string } = await response.json();
  return picture.key;
}

/** A photo of a telephone is larger than anybody sees here. */
async function smaller(file: File): Promise<Blob> {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return file;
  const longer = Math.max(picture.width, picture.height);
  if (longer <= SIDE_MAX && file.size <= BYTES_FINE) return file;
  const scale = Math.min(1, SIDE_MAX / longer);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const brush = canvas.getContext('2d');
  if (!brush) return file;
  brush.fillStyle = 'white';
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob((blob) => done(blob ?? file), 'image/jpeg', 0.86));
}
