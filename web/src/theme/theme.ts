import {
  type ActionIconProps,
  type BadgeProps,
  type ButtonProps,
  type CSSVariablesResolver,
  createTheme,
  type DrawerProps,
  type InputProps,
  type InputWrapperProps,
  type MantineColorsTuple,
  type MenuProps,
  type ModalProps,
  type NumberInputProps,
  type PaperProps,
  type TabsProps,
  type TooltipProps,
} from '@mantine/core';

const copper: MantineColorsTuple = [
  '#fcefe7',
  '#f8dccb',
  '#f0b999',
  '#e79465',
  '#df8352',
  '#cc6535',
  '#bc5424',
  '#a5481d',
  '#873b18',
  '#692e13',
];
const cobalt: MantineColorsTuple = [
  '#e9effb',
  '#d3ddf5',
  '#aebfea',
  '#8aa5e6',
  '#6583d3',
  '#4666c2',
  '#2f50b2',
  '#2b4696',
  '#22387a',
  '#1a2b5e',
];
const mint: MantineColorsTuple = [
  '#e4f4eb',
  '#c8e8d6',
  '#9dd6b7',
  '#76c19b',
  '#4fa57c',
  '#338a62',
  '#277a54',
  '#1f6b49',
  '#18553a',
  '#113f2b',
];
const honey: MantineColorsTuple = [
  '#fff3d6',
  '#fde6ae',
  '#f8d27a',
  '#f0bf52',
  '#e6ab2e',
  '#dd9b14',
  '#b57c0a',
  '#815606',
  '#694605',
  '#503503',
];
const cranberry: MantineColorsTuple = [
  '#fde9ec',
  '#fbd0d7',
  '#f5abb7',
  '#ee8b9b',
  '#dd5f75',
  '#c63a55',
  '#b42944',
  '#a51f39',
  '#84182d',
  '#641222',
];
const warm: MantineColorsTuple = [
  '#faf8f6',
  '#f4f1ed',
  '#e8e2db',
  '#d9d1c8',
  '#bfb5aa',
  '#a59a8f',
  '#857970',
  '#6f655c',
  '#4a423b',
  '#241e1a',
];
const night: MantineColorsTuple = [
  '#f0e9e2',
  '#d6ccc2',
  '#b0a499',
  '#8b8077',
  '#463d37',
  '#332c28',
  '#282220',
  '#1f1a17',
  '#171311',
  '#120f0d',
];

/** Mantine in our colours and measures; what a component looks like by default is decided here once. */
export const theme = createTheme({
  fontFamily: "'Onest Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'Onest Variable', system-ui, sans-serif",
  headings: { fontFamily: "'Onest Variable', system-ui, sans-serif", fontWeight: '640' },
  colors: {
    copper,
    cobalt,
    mint,
    honey,
    cranberry,
    gray: warm,
    dark: night,
    red: cranberry,
    green: mint,
    yellow: honey,
    blue: cobalt,
    orange: copper,
    teal: mint,
  },
  primaryColor: 'copper',
  primaryShade: 6,
  defaultRadius: 9,
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '15px', xl: '20px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '20px', xl: '28px' },
  // By name, so that the theme brings no component that the page at hand does not show.
  components: {
    Button: defaults<ButtonProps>({ size: 'sm' }),
    ActionIcon: defaults<ActionIconProps>({ variant: 'subtle', color: 'gray', size: 'lg' }),
    Badge: defaults<BadgeProps>({ variant: 'light', tt: 'none', radius: 11, fw: 550 }),
    Paper: defaults<PaperProps>({ radius: 14 }),
    Input: defaults<InputProps>({ size: 'sm' }),
    InputWrapper: defaults<InputWrapperProps>({
      inputWrapperOrder: ['label', 'input', 'description', 'error'],
    }),
    // Arrows beside a number are in the way more often than they help; the arrow keys still count.
    NumberInput: defaults<NumberInputProps>({ hideControls: true }),
    Modal: defaults<ModalProps>({ radius: 22, centered: true, padding: 'lg' }),
    Drawer: defaults<DrawerProps>({ position: 'right', size: 480, padding: 'lg' }),
    Menu: defaults<MenuProps>({ radius: 12, shadow: 'md', position: 'bottom-end' }),
    Tabs: defaults<TabsProps>({ color: 'copper' }),
    Tooltip: defaults<TooltipProps>({ openDelay: 400, withArrow: true }),
  },
});

function defaults<Props>(defaultProps: Partial<Props>) {
  return { defaultProps };
}

/** Mantine's own variables lead to our tokens, so that its components follow both themes. */
export const cssVariablesResolver: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--sv-surface)',
    '--mantine-color-text': 'var(--sv-text)',
    '--mantine-color-dimmed': 'var(--sv-muted)',
    '--mantine-color-default': 'var(--sv-surface)',
    '--mantine-color-default-hover': 'var(--sv-hover)',
    '--mantine-color-default-color': 'var(--sv-text)',
    '--mantine-color-default-border': 'var(--sv-border-2)',
    '--mantine-color-placeholder': 'var(--sv-faint)',
    '--mantine-color-anchor': 'var(--sv-link)',
    '--mantine-color-error': 'var(--sv-bad)',
    '--mantine-color-copper-light': 'var(--sv-accent-soft)',
    '--mantine-color-copper-light-color': 'var(--sv-accent-text)',
    '--mantine-color-cobalt-light': 'var(--sv-info-soft)',
    '--mantine-color-cobalt-light-color': 'var(--sv-info)',
    '--mantine-color-mint-light': 'var(--sv-ok-soft)',
    '--mantine-color-mint-light-color': 'var(--sv-ok)',
    '--mantine-color-honey-light': 'var(--sv-warn-soft)',
    '--mantine-color-honey-light-color': 'var(--sv-warn)',
    '--mantine-color-cranberry-light': 'var(--sv-bad-soft)',
    '--mantine-color-cranberry-light-color': 'var(--sv-bad)',
    '--mantine-color-gray-light': 'var(--sv-sunken)',
    '--mantine-color-gray-light-color': 'var(--sv-muted)',
    '--mantine-shadow-md': 'var(--sv-shadow-float)',
  };
  return { variables: {}, light: both, dark: both };
};
