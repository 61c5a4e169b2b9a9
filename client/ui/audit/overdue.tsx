import { Button } from "../kit/button.tsx";
import { NoticeBox } from "../kit/notice.tsx";
import { REVIEWS } from "../words/audit.ts";
import type { AuditProps } from "./audit.tsx";

const DAY_MS = 86_400_000;

/** That a review is due is said where the log is read, by the relay's clock. */
export function Overdue({ audit, send, here = false }: AuditProps & { readonly here?: boolean }) {
  const { reviews } = audit;
  if (reviews === null || reviews.now <= reviews.due) return null;
  const days = Math.max(1, Math.floor((reviews.now - reviews.due) / DAY_MS));
  return (
    <NoticeBox tone="attention" icon="clock">
      <p class="notice-what">{REVIEWS.overdueTitle(days)}</p>
      <p>{REVIEWS.overdueMeans}</p>
      <p>{REVIEWS.overdueTodo}</p>
      {here ? null : (
        <div class="actions">
          <Button onPress={() => send({ type: "open-page", page: "reviews" })}>{REVIEWS.open}</Button>
        </div>
      )}
    </NoticeBox>
  );
}
