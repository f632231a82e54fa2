import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useWords } from '../i18n';
import classes from './FilterBar.module.css';

type FilterBarProps = {
  /** What is searched for now (it lives in the address of the page). */
  search?: string;
  onSearch?: (text: string) => void;
  placeholder?: string;
  /** 2 to 4 filters, saved segments. */
  children?: ReactNode;
  /** At the right: a count, a way to see it otherwise. */
  aside?: ReactNode;
};

/** Search and filters above a list. `/` goes to the search. */
export function FilterBar({ search, onSearch, placeholder, children, aside }: FilterBarProps) {
  return (
    <div className={classes.bar}>
      {onSearch && <SearchField value={search ?? ''} onChange={onSearch} placeholder={placeholder} />}
      {children}
      {aside && <div className={classes.aside}>{aside}</div>}
    </div>
  );
}

/** A field that tells what was typed after a short pause. */
export function SearchField({
  value,
  onChange,
  placeholder,
}: {
  value: string;
  onChange: (text: string) => void;
  placeholder?: string;
}) {
  const t = useWords();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const tell = useDebouncedCallback((text: string) => {
    told.current = text;
    onChange(text);
  }, 200);
  // The address may change without this field (back, a saved segment); what is being typed is not overwritten by its own echo.
  useEffect(() => {
    if (value !== told.current) {
      told.current = value;
      setTyped(value);
    }
  }, [value]);
  useHotkeys([['/', () => field.current?.focus()]]);
  const type = (text: string) => {
    setTyped(text);
    tell(text);
  };
  return (
    <TextInput
      ref={field}
      className={classes.search}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Escape' && type('')}
      placeholder={placeholder ?? t('do.search')}
      aria-label={placeholder ?? t('do.search')}
      leftSection={<IconSearch size={17} />}
      rightSection={
        typed ? (
          <CloseButton size="sm" aria-label={t('do.reset')} onClick={() => type('')} />
        ) : (
          <kbd className={classes.key}>/</kbd>
        )
      }
    />
  );
}
