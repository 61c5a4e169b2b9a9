import type { Finding, Verdict } from "../../../crypto/audit/verify.ts";
import type { ExportFormat, ProofState } from "../../state/audit-model.ts";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy.tsx";
import { Icon } from "../kit/icon.tsx";
import { FORMATS, KEYS } from "../words/audit.ts";
import { exactSpan } from "../words/audit-details.ts";
import { findingWords, notProvedWords, PROOF, provedWords } from "../words/audit-proof.ts";
import { systemTime } from "../words/time.ts";
import type { AuditProps } from "./audit.tsx";

export function ProofPage({ audit, send }: AuditProps) {
  return (
    <>
      <section class="card" aria-labelledby="proof-check">
        <h2 id="proof-check">{PROOF.check}</h2>
        <p>{PROOF.checkLead}</p>
        <Check proof={audit.proof} send={send} />
      </section>
      <section class="card" aria-labelledby="proof-export">
        <h2 id="proof-export">{PROOF.exports}</h2>
        <p>{PROOF.exportLead}</p>
        <ul class="rows">
          {(Object.keys(FORMATS) as ExportFormat[]).map((format) => (
            <li key={format} class="row">
              <div class="row-text">
                <h3>{FORMATS[format].name}</h3>
                <p class="hint">{FORMATS[format].text}</p>
              </div>
              <Button
                icon="copy"
                label={PROOF.exportButton(FORMATS[format].name)}
                disabled={audit.busy !== null}
                onPress={() => send({ type: "export", format })}
              >
                {PROOF.exportShort}
              </Button>
            </li>
          ))}
        </ul>
        <p class="hint">{PROOF.touch}</p>
      </section>
      {audit.log === null ? null : <LogKey log={audit.log} />}
    </>
  );
}

/** For who checks a copy without this server. */
export function LogKey({ log }: { readonly log: NonNullable<AuditProps["audit"]["log"]> }) {
  const { locale } = systemTime();
  return (
    <section class="card" aria-labelledby="log-key">
      <h2 id="log-key">{KEYS.log}</h2>
      <p>{KEYS.logLead}</p>
      <dl class="facts audit-facts">
        <dt>{KEYS.logKey}</dt>
        <dd class="audit-code">{log.key}</dd>
        <dt>{KEYS.size}</dt>
        <dd>{log.size.toLocaleString(locale)}</dd>
        <dt>{KEYS.root}</dt>
        <dd class="audit-code">{log.root}</dd>
      </dl>
      <div class="actions">
        <CopyButton text={log.key}>{KEYS.copy}</CopyButton>
        <CopyButton text={log.checkpoint}>{KEYS.copyCheckpoint}</CopyButton>
      </div>
    </section>
  );
}

interface CheckProps {
  readonly proof: ProofState;
  readonly send: AuditProps["send"];
}

function Check({ proof, send }: CheckProps) {
  const { locale } = systemTime();
  const number = (value: number) => value.toLocaleString(locale);
  switch (proof.state) {
    case "idle":
    case "stopped":
      return (
        <>
          <p role="status" class={proof.state === "stopped" ? "" : "visually-hidden"}>
            {proof.state === "stopped" ? PROOF.stopped : ""}
          </p>
          <div class="actions">
            <Button tone="primary" icon="shield" onPress={() => send({ type: "check-log" })}>
              {PROOF.start}
            </Button>
          </div>
          <p class="hint">{PROOF.touch}</p>
        </>
      );
    case "running": {
      const { checked, events } = proof;
      const words = PROOF.progress(number(checked), events === null ? null : number(events));
      return (
        <div class="proof-running">
          <p role="status">{PROOF.running}</p>
          <progress
            aria-label={PROOF.progressName}
            {...(events === null || events === 0 ? {} : { value: Math.min(checked, events), max: events })}
          >
            {words}
          </progress>
          <p class="proof-count">{words}</p>
          <div class="actions">
            <Button onPress={() => send({ type: "stop-check" })}>{PROOF.stop}</Button>
          </div>
        </div>
      );
    }
    case "done":
      return (
        <>
          <VerdictPart verdict={proof.verdict} took={proof.milliseconds} />
          <div class="actions">
            <Button icon="refresh" onPress={() => send({ type: "check-log" })}>
              {PROOF.again}
            </Button>
          </div>
        </>
      );
  }
}

function VerdictPart({ verdict, took }: { readonly verdict: Verdict; readonly took: number }) {
  const { locale } = systemTime();
  return (
    <>
      <div
        class={verdict.holds ? "verdict verdict-holds" : "verdict verdict-fails"}
        role={verdict.holds ? "status" : "alert"}
      >
        <Icon name={verdict.holds ? "shield" : "attention"} />
        <div>
          <p class="verdict-what">{verdict.holds ? PROOF.holds : PROOF.fails}</p>
          <p>{PROOF.took(verdict.events.toLocaleString(locale), exactSpan(Math.max(took, 1_000)))}</p>
          {verdict.holds ? null : (
            <>
              <p>{PROOF.failsMeans}</p>
              <p>{PROOF.failsTodo}</p>
            </>
          )}
        </div>
      </div>
      {verdict.holds ? (
        <div class="proof-columns">
          <Statements title={PROOF.proved} items={provedWords(verdict, locale)} good />
          <Statements title={PROOF.notProved} items={notProvedWords(verdict, locale)} />
        </div>
      ) : (
        <Findings findings={verdict.findings} found={verdict.found} />
      )}
    </>
  );
}

interface StatementsProps {
  readonly title: string;
  readonly items: readonly string[];
  readonly good?: boolean;
}

function Statements({ title, items, good = false }: StatementsProps) {
  return (
    <section class="proof-part">
      <h3>{title}</h3>
      <ul class={good ? "statements statements-good" : "statements"}>
        {items.map((item) => (
          <li key={item}>
            <Icon name={good ? "check" : "info"} />
            <span>{item}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Findings({ findings, found }: { readonly findings: readonly Finding[]; readonly found: number }) {
  const { locale } = systemTime();
  return (
    <section class="proof-part" aria-labelledby="findings">
      <h3 id="findings">{PROOF.findings}</h3>
      <table class="table table-findings">
        <caption class="visually-hidden">{PROOF.findingsCaption}</caption>
        <thead>
          <tr>
            <th scope="col">{PROOF.number}</th>
            <th scope="col">{PROOF.finding}</th>
            <th scope="col">{PROOF.code}</th>
          </tr>
        </thead>
        <tbody>
          {findings.map(({ index, code }) => (
            <tr key={`${index} ${code}`}>
              <td data-label={PROOF.number}>
                {index === null ? PROOF.wholeLog : index.toLocaleString(locale)}
              </td>
              <th scope="row">{findingWords(code)}</th>
              <td data-label={PROOF.code} class="code">
                {code}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {found > findings.length ? <p class="hint">{PROOF.moreFindings(found - findings.length)}</p> : null}
    </section>
  );
}
