/** Styles of Mantine: build/mantine.ts. */
declare module 'virtual:mantine-styles';
