import { addWords } from '../../i18n';
import { en } from './en';
import { ru } from './ru';

addWords('promotions', { ru, en });
