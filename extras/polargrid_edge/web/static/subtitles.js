// Segments of a transcript as subtitles, as the edge formats them: SubRip and WebVTT. Pure.

export const toSrt = (segments) =>
  cuesOf(segments)
    .map(({ start, end, text }, index) => {
      // SubRip has no escapes, and players interpret a line with an arrow as the times of a cue.
      return `${index + 1}\n${formatTime(start, ",")} --> ${formatTime(end, ",")}\n${text.replaceAll(/--+>/g, "->")}\n`;
    })
    .join("\n");

export const toVtt = (segments) =>
  `WEBVTT\n${cuesOf(segments)
    .map(({ start, end, text }) => `\n${formatTime(start, ".")} --> ${formatTime(end, ".")}\n${escape(text)}\n`)
    .join("")}`;

/** Times in milliseconds, and text without blank lines, which would end the cue. WebVTT ends a cue after its start. */
function cuesOf(segments) {
  return segments
    .map(({ start, end, text }) => {
      const from = Math.max(Math.round(start * 1000), 0);
      const lines = text.split(/\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/).map((line) => line.trim());
      return { start: from, end: Math.max(Math.round(end * 1000), from + 1), text: lines.filter(Boolean).join("\n") };
    })
    .filter(({ text }) => text);
}

function formatTime(milliseconds, point) {
  const parts = [3_600_000, 60_000, 1000].map((unit) => Math.floor(milliseconds / unit));
  const [hours, minutes, seconds] = [parts[0], parts[1] % 60, parts[2] % 60].map((n) => String(n).padStart(2, "0"));
  return `${hours}:${minutes}:${seconds}${point}${String(milliseconds % 1000).padStart(3, "0")}`;
}

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
