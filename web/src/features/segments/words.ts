import { addWords, type Words } from '../../i18n';

const ru = {
  title: 'Сегменты',
  create: 'Новый сегмент',
  name: 'Название',
  who: 'Кто входит',
  changed: 'Изменён',
  emptyTitle: 'Сегментов пока нет',
  emptyHint:
    'Сегмент — это условие с названием: «давно не были», «больше 1000 баллов». Кто в него входит, считается каждый раз заново.',
  condition: 'Условие',
  conditionHint: 'Без условий в сегмент входят все гости.',
  now: 'Сейчас входит',
  some: 'Например',
  guests_one: '{{found}} гость',
  guests_few: '{{found}} гостя',
  guests_many: '{{found}} гостей',
  guests_other: '{{found}} гостя',
  show: 'Показать в контактах',
  save: 'Сохранить',
  saved: 'Сегмент сохранён',
  remove: 'Удалить',
  removeTitle: 'Удалить сегмент «{{name}}»',
  removeEffect: 'Гости останутся. Рассылки и начисления, которые уже идут, тоже продолжатся.',
  removed: 'Сегмент удалён',
  noName: 'Без имени',
  nobody: 'Сейчас никто не подходит',
};

const en: Words<typeof ru> = {
  title: 'Segments',
  create: 'New segment',
  name: 'Name',
  who: 'Who belongs to it',
  changed: 'Changed',
  emptyTitle: 'No segments yet',
  emptyHint:
    'A segment is a condition with a name: “not seen for long”, “more than 1000 points”. Who belongs to it is told anew each time.',
  condition: 'Condition',
  conditionHint: 'Without conditions all guests belong to it.',
  now: 'Belong to it now',
  some: 'For example',
  guests_one: '{{found}} guest',
  guests_few: '{{found}} guests',
  guests_many: '{{found}} guests',
  guests_other: '{{found}} guests',
  show: 'Show in contacts',
  save: 'Save',
  saved: 'The segment is saved',
  remove: 'Delete',
  removeTitle: 'Delete the segment “{{name}}”',
  removeEffect: 'The guests stay. Broadcasts and accruals that are under way go on.',
  removed: 'The segment is deleted',
  noName: 'No name',
  nobody: 'Nobody belongs to it now',
};

addWords('segments', { ru, en });
