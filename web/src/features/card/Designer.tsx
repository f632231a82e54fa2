import {
  Button,
  ColorInput,
  FileButton,
  Input,
  NumberInput,
  SegmentedControl,
  Slider,
  Switch,
  TextInput,
} from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useWords } from '../../i18n';
import type { CardDesign } from '../../lib/loyalty';
import { Card } from '../../ui/Card';
import { PictureField } from '../../ui/PictureField';
import classes from './Card.module.css';
import { SETS } from './sets';

type Part = {
  design: CardDesign;
  change: (part: Partial<CardDesign>) => void;
  wrong: (field: string) => string | undefined;
};

const COLOURS = ['background', 'ink', 'accent', 'mark'] as const;
const SECONDS = 60;

/** What a shop decides about its card. */
export function Designer(part: Part) {
  return (
    <>
      <ColoursPart {...part} />
      <Ground {...part} />
      <Texts {...part} />
      <Code {...part} />
    </>
  );
}

function ColoursPart({ design, change, wrong }: Part) {
  const t = useWords('card');
  const same = (colours: CardDesign['colours']) =>
    COLOURS.every((one) => colours[one] === design.colours[one]);
  return (
    <Card title={t('colours')}>
      <div className={classes.sets} role="group" aria-label={t('ready')}>
        {SETS.map(({ name, colours }) => (
          <button
            type="button"
            key={name}
            className={classes.set}
            aria-pressed={same(colours)}
            aria-label={t(`set.${name}`)}
            title={t(`set.${name}`)}
            style={{ background: colours.background, color: colours.accent }}
            onClick={() => change({ colours })}
          >
            {same(colours) ? (
              <IconCheck size={16} aria-hidden />
            ) : (
              <span style={{ background: colours.accent }} />
            )}
            <span style={{ background: colours.mark }} />
          </button>
        ))}
      </div>
      <div className={classes.grid}>
        {COLOURS.map((one) => (
          <ColorInput
            key={one}
            label={t(`colour.${one}`)}
            value={design.colours[one]}
            onChange={(colour) => change({ colours: { ...design.colours, [one]: colour } })}
            format="hex"
            withEyeDropper={false}
            popoverProps={{ withinPortal: true }}
            error={wrong(`colours.${one}`)}
          />
        ))}
      </div>
    </Card>
  );
}

function Ground({ design, change, wrong }: Part) {
  const t = useWords('card');
  const { picture, logo } = design;
  const kind = typeof logo === 'string' ? logo : 'svg';
  const readLogo = async (file: File | null) => {
    if (file) change({ logo: { svg: await file.text() } });
  };
  return (
    <Card title={t('look')}>
      <div className={classes.rows}>
        <PictureField
          label={t('picture')}
          hint={t('pictureHint')}
          ratio="1012 / 638"
          value={picture?.file}
          onChange={(file) => change({ picture: file ? { file, shade: picture?.shade ?? 55 } : undefined })}
        />
        {picture && (
          <Input.Wrapper
            label={t('shade')}
            description={t('shadeHint')}
            error={wrong('picture.shade')}
            component="div"
          >
            <Slider
              thumbLabel={t('shade')}
              min={0}
              max={95}
              step={5}
              value={picture.shade}
              onChange={(shade) => change({ picture: { ...picture, shade } })}
              label={(value) => `${value} %`}
            />
          </Input.Wrapper>
        )}
        <Choice
          label={t('ornament')}
          value={design.ornament}
          set={(ornament) => change({ ornament: ornament as CardDesign['ornament'] })}
          data={(['none', 'lattice', 'dots'] as const).map((value) => ({
            value,
            label: t(`ornaments.${value}`),
          }))}
        />
        <Input.Wrapper
          label={t('logo')}
          description={kind === 'svg' ? t('logoHint') : undefined}
          error={wrong('logo')}
          component="div"
        >
          <div className={classes.logo}>
            <SegmentedControl
              value={kind}
              onChange={(next) => next !== 'svg' && change({ logo: next as 'none' | 'monogram' })}
              aria-label={t('logo')}
              data={[
                { value: 'none', label: t('logos.none') },
                { value: 'monogram', label: t('logos.monogram') },
                ...(kind === 'svg' ? [{ value: 'svg', label: t('logos.svg') }] : []),
              ]}
            />
            <FileButton
              onChange={(file) => void readLogo(file)}
              accept="image/svg+xml"
              inputProps={{ 'aria-label': t('logoChoose') }}
            >
              {(props) => (
                <Button {...props} variant="default">
                  {t('logoChoose')}
                </Button>
              )}
            </FileButton>
          </div>
        </Input.Wrapper>
      </div>
    </Card>
  );
}

function Texts({ design, change, wrong }: Part) {
  const t = useWords('card');
  return (
    <Card title={t('texts')}>
      <div className={classes.rows}>
        <TextInput
          label={t('cardTitle')}
          description={t('letters', { max: 40 })}
          value={design.title}
          maxLength={40}
          onChange={(event) => change({ title: event.currentTarget.value })}
          error={wrong('title')}
        />
        <TextInput
          label={t('tagline')}
          description={t('letters', { max: 60 })}
          value={design.tagline}
          maxLength={60}
          onChange={(event) => change({ tagline: event.currentTarget.value })}
          error={wrong('tagline')}
        />
      </div>
    </Card>
  );
}

function Code({ design, change, wrong }: Part) {
  const t = useWords('card');
  return (
    <Card title={t('qr')}>
      <div className={classes.rows}>
        <SegmentedControl
          value={design.qr}
          onChange={(qr) => change({ qr: qr as CardDesign['qr'] })}
          aria-label={t('qr')}
          data={(['right', 'left', 'bottom'] as const).map((value) => ({ value, label: t(`qrs.${value}`) }))}
        />
        <Input.Wrapper
          label={t('corner')}
          description={t('cornerHint')}
          error={wrong('corner')}
          component="div"
        >
          <Slider
            thumbLabel={t('corner')}
            min={0}
            max={80}
            step={4}
            value={design.corner}
            onChange={(corner) => change({ corner })}
          />
        </Input.Wrapper>
        <Switch
          label={t('rotating')}
          description={t('rotatingHint')}
          checked={design.rotating_seconds !== undefined}
          onChange={(event) =>
            change({ rotating_seconds: event.currentTarget.checked ? SECONDS : undefined })
          }
        />
        {design.rotating_seconds !== undefined && (
          <NumberInput
            label={t('every')}
            value={design.rotating_seconds}
            onChange={(seconds) => change({ rotating_seconds: Number(seconds) || SECONDS })}
            min={30}
            max={600}
            step={30}
            suffix={`\u00a0${t('seconds')}`}
            error={wrong('rotating_seconds')}
          />
        )}
      </div>
    </Card>
  );
}

function Choice({
  label,
  value,
  set,
  data,
}: {
  label: string;
  value: string;
  set: (value: string) => void;
  data: { value: string; label: string }[];
}) {
  return (
    <Input.Wrapper label={label} component="div">
      <div>
        <SegmentedControl value={value} onChange={set} data={data} aria-label={label} />
      </div>
    </Input.Wrapper>
  );
}
