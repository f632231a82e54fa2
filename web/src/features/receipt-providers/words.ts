import { addWords } from '../../i18n';
import { en } from './en';
import { ru } from './ru';

addWords('receipt-providers', { ru, en });
