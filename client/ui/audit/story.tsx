/** A session's whole story on one page: what both sides and the server put on the log, and how long it took. */
import type { ComponentChildren } from "preact";
import type { SessionStory } from "../../state/audit-model.ts";
import { Button } from "../kit/button.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import { AUDIT, EVENTS_PAGE, STORY } from "../words/audit.ts";
import { detailLine, exactSpan } from "../words/audit-details.ts";
import { eventSentence, OUTCOMES, personName, shortId, whoWords } from "../words/audit-events.ts";
import { longStamp, secondTime, systemTime, type TimeStyle } from "../words/time.ts";
import type { AuditProps } from "./audit.tsx";
import { Fact } from "./event-sheet.tsx";
import { factsOf, type Moment, momentsOf } from "./story-facts.ts";

/** Gaps that are worth a word. */
const PAUSE_MS = 60_000;
/** What takes longer to reach the relay was kept in a page meanwhile. */
const LATE_MS = 60_000;

interface Props extends AuditProps {
  readonly story: SessionStory;
  readonly children: ComponentChildren;
}

export function StoryPage({ story, audit, send, children }: Props) {
  const title = STORY.title(shortId(story.session));
  const { rows } = story;
  const moments = momentsOf(rows ?? [], audit.relayKey);
  return (
    <>
      <div class="admin-head">
        <div class="actions">
          <Button tone="quiet" onPress={() => send({ type: "close-session" })}>
            {STORY.back}
          </Button>
        </div>
        <ScreenHeading page={title}>{title}</ScreenHeading>
        <p class="lead">{STORY.lead}</p>
      </div>
      {children}
      {rows === null ? (
        audit.problem === null ? (
          <p role="status" class="hint">
            {STORY.loading}
          </p>
        ) : null
      ) : moments.length === 0 ? (
        <p class="nobody">{STORY.none}</p>
      ) : (
        <>
          <Facts moments={moments} audit={audit} />
          <div class="actions">
            <Button
              tone="primary"
              icon="shield"
              disabled={audit.busy !== null}
              onPress={() => send({ type: "save-evidence" })}
            >
              {STORY.evidence}
            </Button>
          </div>
          <p class="hint">{STORY.evidenceHint}</p>
          <section class="admin-section" aria-labelledby="story-timeline">
            <h2 id="story-timeline">{STORY.timeline}</h2>
            <ol class="timeline">
              {moments.map((moment) => (
                <MomentItem key={moment.row.index} moment={moment} audit={audit} send={send} />
              ))}
            </ol>
            {story.cut ? <p class="hint">{STORY.cut}</p> : null}
          </section>
        </>
      )}
    </>
  );
}

function Facts({
  moments,
  audit,
}: {
  readonly moments: readonly Moment[];
  readonly audit: AuditProps["audit"];
}) {
  const time = systemTime();
  const facts = factsOf(moments);
  const words = {
    both: STORY.wordsBoth,
    one: STORY.wordsOne,
    differ: STORY.wordsDiffer,
    none: STORY.wordsNone,
  }[facts.words];
  return (
    <dl class="story-facts">
      <StoryFact name={STORY.began}>
        {facts.began === null ? AUDIT.loading : longStamp(facts.began, time)}
      </StoryFact>
      <StoryFact name={STORY.staff}>
        {facts.host === null ? EVENTS_PAGE.noSession : personName(facts.host, audit.people)}
      </StoryFact>
      <StoryFact name={STORY.waited}>
        {facts.waited === null ? EVENTS_PAGE.noSession : exactSpan(facts.waited)}
      </StoryFact>
      <StoryFact name={STORY.talked}>
        {facts.talked === null ? STORY.never : exactSpan(facts.talked)}
      </StoryFact>
      <StoryFact name={STORY.lasted}>{exactSpan(facts.lasted)}</StoryFact>
      <StoryFact name={STORY.words} bad={facts.words === "differ"}>
        {words}
      </StoryFact>
      <StoryFact name={STORY.consent} bad={facts.consent === "failure"}>
        {facts.consent === null
          ? STORY.consentNone
          : facts.consent === "success"
            ? STORY.consentGiven
            : STORY.consentRefused}
      </StoryFact>
      <StoryFact name={STORY.identity} bad={facts.identity === "failure"}>
        {facts.identity === null
          ? STORY.identityNone
          : facts.identity === "success"
            ? STORY.identityYes
            : STORY.identityNo}
      </StoryFact>
    </dl>
  );
}

function StoryFact({
  name,
  bad = false,
  children,
}: {
  readonly name: string;
  readonly bad?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <div class={bad ? "story-fact story-fact-bad" : "story-fact"}>
      <Fact name={name}>{children}</Fact>
    </div>
  );
}

function MomentItem({ moment, audit, send }: AuditProps & { readonly moment: Moment }) {
  const time = systemTime();
  const { row, event, side, at, arrived, after } = moment;
  const { name, hint } = whoWords(event, audit.people, audit.relayKey);
  const line = lineOf(moment, time);
  const failed = event.outcome === "failure";
  return (
    <li class={`moment moment-${side}`}>
      {after >= PAUSE_MS ? <p class="moment-pause">{STORY.later(exactSpan(after))}</p> : null}
      <p class="moment-time">{secondTime(at, time)}</p>
      <div class={failed ? "moment-card moment-failed" : "moment-card"}>
        <p class="moment-who">{hint === null ? name : `${name}, ${hint}`}</p>
        <button type="button" class="audit-open" onClick={() => send({ type: "open-event", row, at: null })}>
          {eventSentence(event.action, event.outcome)}
        </button>
        {line === "" ? null : <p class="audit-line">{line}</p>}
        <p class="chips">
          {failed ? <span class="chip chip-attention">{OUTCOMES.failure}</span> : null}
          {row.skewed ? <span class="chip chip-attention">{EVENTS_PAGE.clocksDiffer}</span> : null}
        </p>
        {arrived >= LATE_MS ? <p class="hint">{STORY.arrived(exactSpan(arrived))}</p> : null}
      </div>
    </li>
  );
}

function lineOf({ row, event }: Moment, time: TimeStyle): string {
  return row.details.state === "open" ? detailLine(event.action, row.details.fields, time) : "";
}
