import { useMemo, useRef, useState } from "preact/hooks";
import { stateAt } from "../../state/invite-state.ts";
import type { InviteCard } from "../../state/model.ts";
import { Button } from "../kit/button.tsx";
import { useNow } from "../kit/clock.ts";
import { Field } from "../kit/field.tsx";
import { Icon } from "../kit/icon.tsx";
import { INVITE_SEARCH, inviteChip, inviteLine } from "../words/invite.ts";
import { DESK } from "../words/staff.ts";
import { systemTime } from "../words/time.ts";
import type { StaffView } from "./app.tsx";
import { countOpen, findInvites, type InviteFilter, type InviteQuery } from "./invite-search.ts";

/** From so many on, looking for one takes longer than typing. */
const SEARCH_FROM = 8;
/** So many rows are drawn at once; nobody reads a thousand, and a keystroke must not wait for them. */
const PAGE = 25;
const EVERYTHING_OPEN: InviteQuery = { text: "", filter: "open" };

export function InviteList({ state, send }: StaffView) {
  const { invites } = state;
  return (
    <section class="invites" aria-labelledby="invites">
      <div class="invites-head">
        <h2 id="invites">{DESK.invites}</h2>
        <Button icon="plus" onPress={() => send({ type: "go", to: "new-invite" })}>
          {DESK.newInvite}
        </Button>
      </div>
      {invites === null ? (
        <p role="status">{DESK.loadingInvites}</p>
      ) : (
        <Found invites={invites} send={send} />
      )}
    </section>
  );
}

type Send = Pick<StaffView, "send">;

function Found({ invites, send }: Send & { readonly invites: readonly InviteCard[] }) {
  const now = useNow(15_000);
  const [query, setQuery] = useState(EVERYTHING_OPEN);
  const found = useMemo(() => findInvites(invites, query, now), [invites, query, now]);
  const searching = query.text.trim() !== "";
  const everywhere = useMemo(
    () =>
      found.length === 0 && searching ? findInvites(invites, { ...query, filter: "all" }, now).length : 0,
    [found, invites, query, now, searching],
  );
  const list = useRef<HTMLDivElement>(null);
  const change = (part: Partial<InviteQuery>) => setQuery({ ...query, ...part });
  return (
    <>
      {invites.length < SEARCH_FROM ? null : (
        <Field label={INVITE_SEARCH.label} hint={INVITE_SEARCH.hint}>
          {(ids) => (
            <input
              {...ids}
              class="input"
              type="search"
              name="find"
              autocomplete="off"
              spellcheck={false}
              value={query.text}
              onInput={(event) => change({ text: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
      <Filter
        filter={query.filter}
        open={countOpen(invites, now)}
        all={invites.length}
        onChoose={(filter) => change({ filter })}
      />
      <p role="status" class="hint invites-found">
        {searching && found.length > 0 ? INVITE_SEARCH.found(found.length) : null}
        {searching && found.length === 0 ? INVITE_SEARCH.nothing : null}
      </p>
      {found.length === 0 ? (
        <Nothing
          query={query}
          everywhere={everywhere}
          onAll={() => {
            change({ filter: "all" });
            list.current?.focus();
          }}
          onClear={() => setQuery(EVERYTHING_OPEN)}
        />
      ) : null}
      <div ref={list} tabIndex={-1} class="invites-list">
        <Rows key={`${query.filter} ${query.text}`} invites={found} now={now} send={send} />
      </div>
    </>
  );
}

interface FilterProps {
  readonly filter: InviteFilter;
  readonly open: number;
  readonly all: number;
  readonly onChoose: (filter: InviteFilter) => void;
}

/** Radio buttons: one stop for the keyboard, arrows within. */
function Filter({ filter, open, all, onChoose }: FilterProps) {
  const choices: readonly (readonly [InviteFilter, string])[] = [
    ["open", INVITE_SEARCH.open(open)],
    ["closed", INVITE_SEARCH.closed(all - open)],
    ["all", INVITE_SEARCH.all(all)],
  ];
  return (
    <fieldset class="filter">
      <legend class="visually-hidden">{INVITE_SEARCH.filter}</legend>
      {choices.map(([value, name]) => (
        <label key={value} class="filter-choice">
          <input
            type="radio"
            name="invite-filter"
            checked={filter === value}
            onChange={() => onChoose(value)}
          />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface NothingProps {
  readonly query: InviteQuery;
  readonly everywhere: number;
  readonly onAll: () => void;
  readonly onClear: () => void;
}

function Nothing({ query, everywhere, onAll, onClear }: NothingProps) {
  if (query.text.trim() === "")
    return <p class="hint">{query.filter === "open" ? DESK.noOpen : INVITE_SEARCH.nothing}</p>;
  return (
    <div class="nobody">
      <p>{everywhere > 0 ? INVITE_SEARCH.elsewhere(everywhere) : INVITE_SEARCH.nothingText}</p>
      <Button onPress={everywhere > 0 ? onAll : onClear}>
        {everywhere > 0 ? INVITE_SEARCH.showAll : INVITE_SEARCH.clear}
      </Button>
    </div>
  );
}

interface RowsProps extends Send {
  readonly invites: readonly InviteCard[];
  readonly now: number;
}

function Rows({ invites, now, send }: RowsProps) {
  const [most, setMost] = useState(PAGE);
  const rest = invites.length - most;
  if (invites.length === 0) return null;
  return (
    <>
      <ul class="invite-rows">
        {invites.slice(0, most).map((invite) => (
          <Row key={invite.room} invite={invite} now={now} send={send} />
        ))}
      </ul>
      {rest > 0 ? (
        <Button onPress={() => setMost(most + PAGE)}>{INVITE_SEARCH.more(Math.min(rest, PAGE))}</Button>
      ) : null}
    </>
  );
}

function Row({ invite, now, send }: Send & { readonly invite: InviteCard; readonly now: number }) {
  const time = systemTime();
  const live = { ...invite, state: stateAt(invite, now) };
  const { chip, tone } = inviteChip(live, time);
  return (
    <li>
      <button type="button" onClick={() => send({ type: "open-invite", room: invite.room })}>
        <span class="invite-row-text">
          <span class="invite-row-name">{invite.label || DESK.unlabelled}</span>
          <span class="hint">{inviteLine(live, now, time)}</span>
        </span>
        <span class={`chip chip-${tone}`}>{chip}</span>
        <Icon name="chevron" />
      </button>
    </li>
  );
}
