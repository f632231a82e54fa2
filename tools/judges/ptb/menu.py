"""A menu bot of python-telegram-bot: menu.py BASE TOKEN [PORT]; with a port it listens to a webhook, else it polls."""

import sys
from pathlib import Path

from telegram import (
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters

SECRET = "ptb-secret"
Context = ContextTypes.DEFAULT_TYPE


def menu(count: int) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton("More", callback_data=f"more:{count}"),
                InlineKeyboardButton("Picture", callback_data="picture"),
            ],
            [InlineKeyboardButton("Close", callback_data="close")],
        ]
    )


async def start(update: Update, context: Context) -> None:
    payload = context.args[0] if context.args else None
    await update.message.reply_text(
        f"<b>Menu</b> for {update.effective_user.first_name}, from {payload}",
        parse_mode=ParseMode.HTML,
        reply_markup=menu(0),
    )


async def contact(update: Update, context: Context) -> None:
    button = KeyboardButton("Share my number", request_contact=True)
    markup = ReplyKeyboardMarkup([[button]], resize_keyboard=True, one_time_keyboard=True)
    await update.message.reply_text("Your number?", reply_markup=markup)


async def error(update: Update, context: Context) -> None:
    try:
        await update.message.reply_text("a" * 4097)
    except BadRequest as refusal:
        await update.message.reply_text(f"refused: {refusal.message}")


async def number(update: Update, context: Context) -> None:
    card = update.message.contact
    own = card.user_id == update.effective_user.id
    await update.message.reply_text(
        f"{card.phone_number} own={str(own).lower()}", reply_markup=ReplyKeyboardRemove()
    )


async def photo(update: Update, context: Context) -> None:
    file = await update.message.photo[-1].get_file()
    content = await file.download_as_bytearray()
    await update.message.reply_text(f"picture of {len(content)} bytes", do_quote=True)


async def more(update: Update, context: Context) -> None:
    query = update.callback_query
    count = int(query.data.split(":")[1]) + 1
    await query.answer(f"counted {count}")
    await query.edit_message_text(f"Count: {count}", reply_markup=menu(count))


async def picture(update: Update, context: Context) -> None:
    await update.callback_query.answer()
    content = Path(__file__).parent.parent / "picture.png"
    await context.bot.send_photo(
        update.effective_chat.id, content, caption="a <i>picture</i>", parse_mode=ParseMode.HTML
    )


async def close(update: Update, context: Context) -> None:
    await update.callback_query.answer("closed", show_alert=True)
    await update.callback_query.edit_message_reply_markup(None)


async def commands(application: Application) -> None:
    await application.bot.set_my_commands([BotCommand("start", "Menu")])


def main(base: str, token: str, port: str | None = None) -> None:
    builder = Application.builder().token(token).base_url(f"{base}/bot").base_file_url(f"{base}/file/bot")
    application = builder.post_init(commands).build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(CommandHandler("contact", contact))
    application.add_handler(CommandHandler("error", error))
    application.add_handler(MessageHandler(filters.CONTACT, number))
    application.add_handler(MessageHandler(filters.PHOTO, photo))
    application.add_handler(CallbackQueryHandler(more, pattern="^more:"))
    application.add_handler(CallbackQueryHandler(picture, pattern="^picture$"))
    application.add_handler(CallbackQueryHandler(close, pattern="^close$"))
    if port:
        application.run_webhook(
            listen="127.0.0.1",
            port=int(port),
            url_path="hook",
            webhook_url=f"http://127.0.0.1:{port}/hook",
            secret_token=SECRET,
        )
    else:
        application.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:4])
