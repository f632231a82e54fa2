import './words';
import { PromotionPage } from '../../ui/PromotionPage';
import { Queue } from './Queue';

/** What waits for a person in this promotion. */
export default function ModerationTab() {
  return (
    <PromotionPage tab="moderation" full>
      {(promotion) => (
        <>
          <div />
          <Queue key={promotion.id} promotion={promotion.id} waiting={promotion.moderation} />
        </>
      )}
    </PromotionPage>
  );
}
