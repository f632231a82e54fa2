import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { useMe } from '../../api/session';
import { language, useWords } from '../../i18n';
import { tell, tellProblem } from '../../lib/notify';
import { confirm } from '../../ui/confirm';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import { SideSheet } from '../../ui/SideSheet';
import { capital, useRoles } from './choices';
import type { RoleRights } from './Roles';
import classes from './Staff.module.css';

const GROUPS = ['guests', 'points', 'talk', 'promo', 'manage'] as const;

/** Where a right stands on the page; what nobody thought of stands under management. */
function groupOf(right: string): (typeof GROUPS)[number] {
  if (/^(contacts|personal|segments|exports|imports)/.test(right)) return 'guests';
  if (right.startsWith('points')) return 'points';
  if (right.startsWith('conversations')) return 'talk';
  if (/^(scenarios|broadcasts)/.test(right)) return 'promo';
  return 'manage';
}

/** A role in plain words: title, what stands for it, what it may do. Ready ones are only looked at. */
export function RoleEditor({ role, close }: { role?: RoleRights; close: () => void }) {
  const t = useWords('staff');
  const me = useMe();
  const queries = useQueryClient();
  const ready = role !== undefined && !role.base;
  const all = api.useQuery(
    'get',
    '/api/v1/rights',
    { params: { query: { locale: language() } } },
    { staleTime: 300_000 },
  );
  const { choices } = useRoles();
  const make = api.useMutation('post', '/api/v1/roles');
  const change = api.useMutation('put', '/api/v1/roles/{id}');
  const remove = api.useMutation('delete', '/api/v1/roles/{id}');
  const [title, setTitle] = useState(role?.title ?? '');
  const [base, setBase] = useState<string>(role?.base ?? 'cashier');
  const [rights, setRights] = useState<string[]>(role?.rights ?? []);
  const problem = make.error ?? change.error;
  const done = (said: string) => ({
    onSuccess: () => {
      tell(said);
      void queries.invalidateQueries({ queryKey: ['get', '/api/v1/roles'] });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { title, base, rights, revision: role?.revision };
    if (role) change.mutate({ params: { path: { id: role.role } }, body }, done(t('roles.saved')));
    else make.mutate({ body }, done(t('roles.saved')));
  };
  const away = async () => {
    if (!role) return;
    const sure = await confirm({
      title: t('roles.removeTitle', { title: role.title }),
      effect: t('roles.removeEffect'),
      yes: t('roles.remove'),
    });
    if (sure)
      remove.mutate(
        { params: { path: { id: role.role } } },
        { ...done(t('roles.removed')), onError: tellProblem },
      );
  };
  const inTitle = fieldTrouble(problem, 'title');
  return (
    <SideSheet opened close={close} title={role ? capital(role.title) : t('roles.new')}>
      <form className={classes.form} onSubmit={submit}>
        {!inTitle && <FormTrouble problem={problem} />}
        {!ready && (
          <>
            <TextInput
              label={t('roles.title')}
              required
              withAsterisk={false}
              data-autofocus
              value={title}
              onChange={(event) => setTitle(event.currentTarget.value)}
              error={inTitle}
            />
            <Select
              label={t('roles.base')}
              description={t('roles.baseHint')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              data={choices.filter(({ value }) => !value.startsWith('rol_') && value !== 'owner')}
              value={base}
              allowDeselect={false}
              onChange={(value) => value && setBase(value)}
            />
          </>
        )}
        <Checkbox.Group value={rights} onChange={setRights} readOnly={ready} label={t('roles.may')}>
          <div className={classes.rights}>
            {GROUPS.map((group) => (
              <fieldset key={group}>
                <legend>{t(`roles.groups.${group}`)}</legend>
                {all.data
                  ?.filter((one) => groupOf(one.right) === group)
                  .map((one) => (
                    <Checkbox
                      key={one.right}
                      value={one.right}
                      label={capital(one.title)}
                      disabled={ready || (!me.rights.includes(one.right) && !rights.includes(one.right))}
                    />
                  ))}
              </fieldset>
            ))}
          </div>
        </Checkbox.Group>
        {!ready && (
          <div className={classes.foot}>
            <Button type="submit" loading={make.isPending || change.isPending}>
              {t('common:do.save')}
            </Button>
            {role && (
              <Button
                variant="subtle"
                color="cranberry"
                loading={remove.isPending}
                onClick={() => void away()}
              >
                {t('roles.remove')}
              </Button>
            )}
          </div>
        )}
      </form>
    </SideSheet>
  );
}
