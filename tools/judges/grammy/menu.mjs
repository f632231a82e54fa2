// A menu bot of grammY: menu.mjs BASE TOKEN [PORT]; with a port it listens to a webhook, else it polls.
import { createServer } from "node:http";
import { Bot, GrammyError, InlineKeyboard, InputFile, Keyboard, webhookCallback } from "grammy";

const [base, token, port] = process.argv.slice(2);
const secret = "grammy-secret";
const bot = new Bot(token, { client: { apiRoot: base } });

const menu = (count) =>
  new InlineKeyboard().text("More", `more:${count}`).text("Picture", "picture").row().text("Close", "close");

bot.command("start", (ctx) =>
  ctx.reply(`<b>Menu</b> for ${ctx.from.first_name}, from ${ctx.match}`, {
    parse_mode: "HTML",
    reply_markup: menu(0),
  }),
);

bot.command("contact", (ctx) =>
  ctx.reply("Your number?", { reply_markup: new Keyboard().requestContact("Share my number").resized().oneTime() }),
);

bot.command("error", async (ctx) => {
  try {
    await ctx.reply("a".repeat(4097));
  } catch (refusal) {
    if (!(refusal instanceof GrammyError)) throw refusal;
    await ctx.reply(`refused: ${refusal.description}`);
  }
});

bot.on("message:contact", (ctx) => {
  const { phone_number, user_id } = ctx.message.contact;
  return ctx.reply(`${phone_number} own=${user_id === ctx.from.id}`, { reply_markup: { remove_keyboard: true } });
});

bot.on("message:photo", async (ctx) => {
  const file = await ctx.getFile();
  const response = await fetch(`${base}/file/bot${token}/${file.file_path}`);
  const content = await response.arrayBuffer();
  await ctx.reply(`picture of ${content.byteLength} bytes`, {
    reply_parameters: { message_id: ctx.message.message_id },
  });
});

bot.callbackQuery(/^more:(\d+)$/, async (ctx) => {
  const count = Number(ctx.match[1]) + 1;
  await ctx.answerCallbackQuery(`counted ${count}`);
  await ctx.editMessageText(`Count: ${count}`, { reply_markup: menu(count) });
});

bot.callbackQuery("picture", async (ctx) => {
  await ctx.answerCallbackQuery();
  const picture = new InputFile(new URL("../picture.png", import.meta.url).pathname);
  await ctx.replyWithPhoto(picture, { caption: "a <i>picture</i>", parse_mode: "HTML" });
});

bot.callbackQuery("close", async (ctx) => {
  await ctx.answerCallbackQuery({ text: "closed", show_alert: true });
  await ctx.editMessageReplyMarkup();
});

await bot.api.setMyCommands([{ command: "start", description: "Menu" }]);
if (port) {
  createServer(webhookCallback(bot, "http", { secretToken: secret })).listen(Number(port), "127.0.0.1", () =>
    bot.api.setWebhook(`http://127.0.0.1:${port}/hook`, { secret_token: secret }),
  );
} else {
  bot.start();
}
