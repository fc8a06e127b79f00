// A reader of one feed on feedsmith: `node poll.mjs ADDRESS`, what it remembers on standard input and, renewed, on output.
import { parseFeed } from "feedsmith";
import { readFileSync } from "node:fs";

const memory = JSON.parse(readFileSync(0, "utf8"));
const conditions = {};
if (memory.etag) conditions["if-none-match"] = memory.etag;
if (memory.modified) conditions["if-modified-since"] = memory.modified;

const answer = await fetch(process.argv[2], { headers: conditions });
memory.status = answer.status;
memory.seen = [];
if (answer.status === 200) {
  memory.etag = answer.headers.get("etag");
  memory.modified = answer.headers.get("last-modified");
  const { format, feed } = parseFeed(await answer.text());
  for (const one of feed.items ?? feed.entries) {
    const id = one.guid?.value ?? one.id;
    memory.seen.push(id);
    memory.items[id] = {
      title: one.title.value ?? one.title,
      link: one.link ?? one.url ?? one.links?.[0]?.href,
      updated: one.updated ?? one.date_modified ?? one.dcterms?.modified?.[0] ?? one.dcterms?.modified,
      content: one.description ?? one.content_html ?? one.content.value,
      format,
    };
  }
}
console.log(JSON.stringify(memory));
