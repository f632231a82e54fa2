import { useEffect, useRef, useState } from 'react';
import { useWords } from '../../i18n';
import { detector } from './camera';
import classes from './Till.module.css';

const EVERY_MS = 200;

/** The camera of the device, until it has seen a code. */
export default function Camera({ read }: { read: (code: string) => void }) {
  const t = useWords('till');
  const video = useRef<HTMLVideoElement>(null);
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    const reader = detector();
    let stream: MediaStream | undefined;
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    let over = false;
    const look = async () => {
      const codes = await reader?.detect(video.current!).catch(() => []);
      if (over) return;
      const code = codes?.[0]?.rawValue;
      if (code) read(code);
      else setTimeout(() => void look(), EVERY_MS);
    };
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'environment' } })
      .then(async (given) => {
        stream = given;
        if (over || !video.current) return;
        video.current.srcObject = given;
        await video.current.play();
        await look();
      })
      .catch(() => setRefused(true))
      .finally(() => over && stop());
    return () => {
      over = true;
      stop();
    };
  }, [read]);
  if (refused) return <p role="alert">{t('noCamera')}</p>;
  return (
    <div className={classes.camera}>
      <video ref={video} muted playsInline aria-label={t('scanHint')} />
      <p>{t('scanHint')}</p>
    </div>
  );
}
