// The card as the shop designed it: its colours, the balance, the code for the till.
import type { Face } from './api';
import type { Speech } from './words';

export function Card({ face, speech }: { face: Face; speech: Speech }) {
  const { words } = speech;
  const { card, look } = face;
  const next = face.ending[0];
  const paint = (node: HTMLElement | null) => {
    node?.style.setProperty('--ground', look.background);
    node?.style.setProperty('--ink', look.ink);
    node?.style.setProperty('--brass', look.accent);
  };
  return (
    <section class="card" ref={paint} aria-label={words.tabs.card}>
      <Lattice />
      <div class="told">
        {face.earns_bp > 0 && <p class="earns">{words.earns(speech.percent(face.earns_bp))}</p>}
        <p class="balance">
          <b>{speech.number(face.available)}</b> <span>{speech.unit(face.available)}</span>
        </p>
        {next && <p class="soon">{words.ending(speech.points(next.points), speech.day(next.on))}</p>}
      </div>
      {card && (
        <div class="code">
          <svg
            viewBox={`0 0 ${card.qr.size} ${card.qr.size}`}
            role="img"
            aria-label={words.qr}
            shape-rendering="crispEdges"
          >
            <path d={card.qr.path} fill="#1c1512" />
          </svg>
        </div>
      )}
      {card && (
        <p class="number">
          <span class="unseen">{words.number}: </span>
          {card.number}
        </p>
      )}
    </section>
  );
}

/** Crossing threads with a bead on each crossing, as on the drawn card. */
function Lattice() {
  return (
    <svg class="lattice" aria-hidden="true">
      <defs>
        <pattern id="tile" width="36" height="36" patternUnits="userSpaceOnUse">
          <path d="M0 0L36 36M36 0L0 36" stroke="#fff" stroke-opacity=".14" />
          <g fill="currentColor" fill-opacity=".5">
            <circle cx="18" cy="18" r="2" />
            <circle r="2" />
            <circle cx="36" r="2" />
            <circle cy="36" r="2" />
            <circle cx="36" cy="36" r="2" />
          </g>
        </pattern>
      </defs>
      <rect width="100%" height="100%" fill="url(#tile)" />
    </svg>
  );
}
