// The sandbox's page: shows what the emulated Slack holds, and sends back what is done here.
const $ = (id) => document.getElementById(id);
let people = [];
let open = null;
// What each part of the page shows, so that a part that did not change keeps its focus and its place.
const shown = new Map();
// The thread that is written in, by channel.
const threads = new Map();

async function post(path, fields) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ person: $("person").value, ...fields }),
  });
  const told = await answer.json().catch(() => ({}));
  $("problem").textContent = answer.ok ? "" : told.problem || "That did not work.";
  await refresh();
  return answer.ok;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Slack's mrkdwn, as far as our messages use it: *bold*, `code`, <url|words>, and the three escapes.
function marked(text) {
  const into = element("span");
  const plain = (part) => part.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  for (const part of text.split(/(\*[^*\n]+\*|`[^`\n]+`|<[^>\n]+>)/)) {
    const link = /^<((?:https?|mailto):[^|>]+)(?:\|([^>]*))?>$/.exec(part);
    if (link) {
      const a = element("a", "", plain(link[2] || link[1]));
      a.href = plain(link[1]);
      a.target = "_blank";
      a.rel = "noopener noreferrer";
      into.append(a);
    } else if (/^\*[^*\n]+\*$/.test(part)) into.append(element("strong", "", plain(part.slice(1, -1))));
    else if (/^`[^`\n]+`$/.test(part)) into.append(element("code", "", plain(part.slice(1, -1))));
    else into.append(plain(part));
  }
  return into;
}

function words(text) {
  return text.type === "mrkdwn" ? marked(text.text) : element("span", "", text.text);
}

function rich(node) {
  if (node.type === "text" || node.type === "link") {
    let made = document.createTextNode(node.text || node.url);
    for (const [style, tag] of [["bold", "strong"], ["italic", "em"], ["code", "code"]]) {
      if (node.style?.[style]) {
        const around = element(tag);
        around.append(made);
        made = around;
      }
    }
    if (node.type === "link") {
      const a = element("a");
      a.href = node.url;
      a.target = "_blank";
      a.rel = "noopener noreferrer";
      a.append(made);
      return a;
    }
    return made;
  }
  const made = element(node.type === "rich_text_list" ? (node.style === "ordered" ? "ol" : "ul") : "div");
  for (const child of node.elements || []) {
    const part = rich(child);
    if (node.type === "rich_text_list") {
      const item = element("li");
      item.append(part);
      made.append(item);
    } else made.append(part);
  }
  return made;
}

function block(data, press) {
  if (data.type === "header") return element("h3", "", data.text.text);
  if (data.type === "divider") return element("hr");
  if (data.type === "rich_text") return rich(data);
  if (data.type === "context") {
    const made = element("p", "context");
    for (const part of data.elements) made.append(words(part), " ");
    return made;
  }
  if (data.type === "section") {
    const made = element("div", "section");
    if (data.text) made.append(words(data.text));
    if (data.fields) {
      const list = element("div", "fields");
      for (const field of data.fields) {
        const cell = element("div");
        cell.append(words(field));
        list.append(cell);
      }
      made.append(list);
    }
    return made;
  }
  if (data.type === "actions") {
    const made = element("div", "buttons");
    for (const each of data.elements) {
      // A button with an address opens it, and Slack tells the app of the press all the same.
      const button = element(each.url ? "a" : "button", each.url ? `button ${each.style || ""}` : each.style || "", each.text.text);
      if (each.url) Object.assign(button, { href: each.url, target: "_blank", rel: "noopener noreferrer" });
      else button.type = "button";
      button.addEventListener("click", () => press(each.action_id));
      made.append(button);
    }
    return made;
  }
  if (data.type === "input") return input(data);
  throw new Error(`This page cannot show a block of the type ${data.type}.`);
}

function input(data) {
  const made = element("fieldset");
  const kind = data.element;
  made.append(element("legend", "", data.label.text));
  if (kind.type === "plain_text_input") {
    const field = element("input");
    field.name = kind.action_id;
    field.value = kind.initial_value || "";
    field.setAttribute("aria-label", data.label.text);
    field.required = !data.optional;
    made.append(field);
  } else if (kind.type === "checkboxes" || kind.type === "radio_buttons") {
    for (const option of kind.options) {
      const label = element("label");
      const box = element("input");
      box.type = kind.type === "checkboxes" ? "checkbox" : "radio";
      box.name = kind.action_id;
      box.value = option.value;
      label.append(box, " ", words(option.text));
      made.append(label);
    }
  } else if (kind.type === "static_select" || kind.type === "users_select") {
    const field = element("select");
    field.name = kind.action_id;
    field.setAttribute("aria-label", data.label.text);
    field.required = !data.optional;
    const options = kind.options || [...$("person").options].map((each) => ({ value: each.value, text: { text: each.text } }));
    const none = element("option");
    none.value = "";
    field.append(none);
    for (const option of options) {
      const entry = element("option", "", option.text.text);
      entry.value = option.value;
      field.append(entry);
    }
    made.append(field);
  } else throw new Error(`This page cannot show an input of the type ${kind.type}.`);
  if (data.hint) made.append(element("p", "context", data.hint.text));
  return made;
}

// Replaces what a part of the page holds, if it changed; the button that had the focus has it again.
function replaced(into, data, make) {
  const now = JSON.stringify(data);
  if (shown.get(into) === now) return;
  shown.set(into, now);
  const low = into.scrollTop + into.clientHeight >= into.scrollHeight - 40;
  const focused = into.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  into.replaceChildren(...make());
  if (focused) into.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  if (low) into.scrollTop = into.scrollHeight;
}

function blocks(data, key, press) {
  const made = data.map((each) => block(each, press));
  for (const part of made)
    for (const button of part.querySelectorAll("button, a.button")) button.dataset.key = `${key} ${button.textContent}`;
  return made;
}

function article(message, reply) {
  const made = element("article", message.bot ? "bot" : "me");
  const head = element("p", "who", message.from);
  if (message.private) head.append(element("em", "", " – only you see this"));
  made.append(head);
  const press = (action) => post("/press", { channel: message.channel, ts: message.ts, action });
  if (message.blocks.length) made.append(...blocks(message.blocks, message.ts, press));
  else made.append(marked(message.text.replace(/<@\w+>/g, "@tofaktor")));
  if (reply && !message.private) {
    const button = element("button", "reply", "Reply in thread");
    button.setAttribute("aria-label", `Reply in the thread of ${message.from}`);
    button.dataset.key = `${message.ts} reply`;
    button.addEventListener("click", () => reply(message));
    made.append(button);
  }
  return made;
}

function stream(into, messages, reply) {
  replaced(into, [messages, Boolean(reply)], () => {
    const roots = messages.filter((each) => !each.thread || !messages.some((root) => root.ts === each.thread));
    return roots.map((root) => {
      const made = article(root, reply);
      const replies = messages.filter((each) => each.thread === root.ts);
      if (replies.length) {
        const thread = element("div", "thread");
        thread.setAttribute("role", "group");
        thread.setAttribute("aria-label", `Thread of ${root.from}`);
        thread.append(...replies.map((each) => article(each)));
        made.append(thread);
      }
      return made;
    });
  });
}

function channel(name, data) {
  const form = document.querySelector(`[data-channel="${name}"]`);
  const target = threads.get(name);
  const reply = (message) => {
    threads.set(name, message);
    channel(name, data);
    form.querySelector("input").focus();
  };
  stream($(name), data.messages, data.member ? reply : undefined);
  replaced(form, [data.id, data.member, target?.ts, $("person").value], () => {
    if (!data.member) return [element("p", "context", "You are not in this channel, and see it here all the same.")];
    const input = element("input");
    input.setAttribute("aria-label", target ? `Reply to ${target.from}` : `Message to #${data.name}`);
    input.placeholder = target ? `Reply to ${target.from} …` : `Write in #${data.name} …`;
    input.autocomplete = "off";
    input.required = true;
    const parts = [input, element("button", "", "Send")];
    if (target) {
      const cancel = element("button", "", "Leave the thread");
      cancel.type = "button";
      cancel.addEventListener("click", () => {
        threads.delete(name);
        channel(name, data);
        form.querySelector("input").focus();
      });
      parts.push(cancel);
    }
    return parts;
  });
  form.onsubmit = (event) => {
    event.preventDefault();
    const input = form.querySelector("input");
    void post("/say", { text: input.value, channel: data.id, ...(target ? { thread: target.ts } : {}) });
    input.value = "";
  };
}

function home(view) {
  replaced($("home"), view, () => {
    if (!view) return [element("p", "context", "The bot has nothing on this page yet.")];
    return blocks(view.blocks, "home", (action) => post("/act", { view: view.id, action }));
  });
}

function choose(tab) {
  for (const each of document.querySelectorAll("[role=tab]")) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    $(each.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (tab.id === "tab-home") void post("/home", {});
}

function modal(view) {
  const dialog = $("modal");
  if (!view) {
    open = null;
    if (dialog.open) dialog.close();
    return;
  }
  const shown = JSON.stringify(view);
  if (open === shown) return;
  open = shown;
  $("modal-title").textContent = view.title;
  $("modal-body").replaceChildren(...blocks(view.blocks, view.id, (action) => post("/act", { view: view.id, action })));
  $("modal-submit").textContent = view.submit || "";
  $("modal-submit").hidden = !view.submit;
  $("modal-close").textContent = view.close || "Close";
  dialog.dataset.view = view.id;
  if (!dialog.open) dialog.showModal();
}

async function refresh() {
  const person = $("person").value;
  if (!person) return;
  const state = await (await fetch(`/state/${person}`)).json();
  if (person !== $("person").value) return;
  stream($("chat"), state.chat);
  channel("help", state.help);
  channel("support", state.support);
  home(state.home);
  modal(state.view);
  const now = new Date(state.now);
  $("now").textContent = now.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "short", timeZone: "Europe/Oslo" });
  $("post").replaceChildren(...state.post.map((sent) => element("li", "", `${sent.title}: ${sent.text}`)));
  $("methods").replaceChildren(
    ...state.methods.map((method) => {
      const made = element("li", "", `${method.kind.replaceAll("_", " ")} ${method.name}`);
      const button = element("button", "", "Remove");
      button.addEventListener("click", () => post("/phone", { method: method.id }));
      made.append(" ", button);
      return made;
    }),
  );
}

$("modal").addEventListener("close", () => {
  if (open === null) return;
  const dialog = $("modal");
  const view = dialog.dataset.view;
  open = null;
  if (dialog.returnValue !== "submit") return void post("/close", { view });
  const values = {};
  for (const field of dialog.querySelectorAll("input, select")) {
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) values[field.name] = values[field.name] ? `${values[field.name]},${field.value}` : field.value;
    } else values[field.name] = field.value;
  }
  void post("/submit", { view, values: JSON.stringify(values) });
});
for (const tab of document.querySelectorAll("[role=tab]")) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tab.nextElementSibling || tab.previousElementSibling;
    other.focus();
    choose(other);
  });
}
$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  void post("/say", { text: $("text").value });
  $("text").value = "";
});
$("pass").addEventListener("submit", (event) => {
  event.preventDefault();
  void post("/pass", { code: $("code").value });
  $("code").value = "";
});
$("register").addEventListener("click", () => void post("/register", {}));
for (const button of document.querySelectorAll("[data-hours]"))
  button.addEventListener("click", () => void post("/clock", { hours: button.dataset.hours }));
$("person").addEventListener("change", () => {
  const one = people.find((each) => each.id === $("person").value);
  const agent = one.groups.includes("Service-desk agents");
  $("hint").textContent = agent
    ? "You are an agent: open the agents’ page to see somebody at the desk or on video."
    : one.groups.length ? "You are an approver: decide on cases in the support channel." : "";
  modal(null);
  threads.clear();
  if ($("tab-home").getAttribute("aria-selected") === "true") void post("/home", {});
  else void refresh();
});

const told = await (await fetch("/people")).json();
people = told.people;
$("door").href = told.case.replace(/case$/, "help");
$("case").href = told.case;
$("agents").href = `${told.case}/agent`;
$("managers").href = `${told.case}/manager`;
for (const each of people) {
  const option = element("option", "", `${each.name} · ${each.kind} · ${each.language}`);
  option.value = each.id;
  $("person").append(option);
}
$("person").value = people.find((each) => each.name === "Kari Bråten")?.id || people[0].id;
$("person").dispatchEvent(new Event("change"));
new EventSource("/changes").addEventListener("message", () => void refresh());
