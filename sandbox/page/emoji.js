// The emoji shortcodes this page draws. Others stay as `:name:`, as Slack shows an emoji it does not have.

const TABLE = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|eyes 👀|white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|warning ⚠️
rotating_light 🚨|fire 🔥|fire_engine 🚒|bell 🔔|no_bell 🔕|red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡
large_green_circle 🟢|large_blue_circle 🔵|large_purple_circle 🟣|black_circle ⚫|white_circle ⚪|large_red_square 🟥
large_orange_square 🟧|large_yellow_square 🟨|large_green_square 🟩|large_blue_square 🟦|black_large_square ⬛|white_large_square ⬜
hourglass ⌛|hourglass_flowing_sand ⏳|stopwatch ⏱️|alarm_clock ⏰|clock1 🕐|clock3 🕒|timer_clock ⏲️|calendar 📅|date 📅|spiral_calendar_pad 🗓️
mag 🔍|mag_right 🔎|microscope 🔬|test_tube 🧪|bulb 💡|wrench 🔧|hammer_and_wrench 🛠️|hammer 🔨|gear ⚙️|nut_and_bolt 🔩|toolbox 🧰
link 🔗|paperclip 📎|pushpin 📌|round_pushpin 📍|bookmark 🔖|label 🏷️|file_folder 📁|open_file_folder 📂|page_facing_up 📄
page_with_curl 📃|scroll 📜|memo 📝|pencil 📝|pencil2 ✏️|clipboard 📋|notebook 📓|books 📚|newspaper 📰|card_index_dividers 🗂️
chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊|inbox_tray 📥|outbox_tray 📤|package 📦|email 📧|envelope ✉️
lock 🔒|unlock 🔓|key 🔑|shield 🛡️|bug 🐛|ladybug 🐞|robot_face 🤖|computer 💻|desktop_computer 🖥️|floppy_disk 💾|cd 💿|database 🗄️
file_cabinet 🗄️|satellite 🛰️|globe_with_meridians 🌐|electric_plug 🔌|battery 🔋|zap ⚡|boom 💥|bomb 💣|rocket 🚀|ship 🚢|construction 🚧
stop_sign 🛑|octagonal_sign 🛑|no_entry ⛔|no_entry_sign 🚫|sos 🆘|question ❓|grey_question ❔|exclamation ❗|heavy_exclamation_mark ❗|bangbang ‼️
information_source ℹ️|arrow_up ⬆️|arrow_down ⬇️|arrow_left ⬅️|arrow_right ➡️|arrow_upper_right ↗️|arrows_counterclockwise 🔄|repeat 🔁
leftwards_arrow_with_hook ↩️|rewind ⏪|fast_forward ⏩|arrow_forward ▶️|double_vertical_bar ⏸️|black_square_for_stop ⏹️|recycle ♻️
heavy_plus_sign ➕|heavy_minus_sign ➖|hash #️⃣|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|100 💯|checkered_flag 🏁|triangular_flag_on_post 🚩
smile 😄|smiley 😃|grinning 😀|slightly_smiling_face 🙂|wink 😉|joy 😂|sob 😭|cry 😢|thinking_face 🤔|thinking 🤔|neutral_face 😐|grimacing 😬
scream 😱|sweat_smile 😅|sunglasses 😎|partying_face 🥳|face_with_monocle 🧐|exploding_head 🤯|see_no_evil 🙈|shrug 🤷|facepalm 🤦
wave 👋|clap 👏|raised_hands 🙌|pray 🙏|muscle 💪|ok_hand 👌|point_up ☝️|point_right 👉|point_down 👇|raising_hand 🙋|handshake 🤝
heart ❤️|broken_heart 💔|sparkles ✨|star ⭐|tada 🎉|confetti_ball 🎊|trophy 🏆|coffee ☕|pizza 🍕|speech_balloon 💬|thought_balloon 💭
mega 📣|loudspeaker 📢|telephone_receiver 📞|pager 📟|bust_in_silhouette 👤|busts_in_silhouette 👥|firefighter 🧑‍🚒|technologist 🧑‍💻
snowflake ❄️|sunny ☀️|cloud ☁️|umbrella ☔|ocean 🌊|seedling 🌱|evergreen_tree 🌲|skull 💀|ghost 👻|crystal_ball 🔮|dart 🎯|compass 🧭
wastebasket 🗑️|broom 🧹|small_blue_diamond 🔹|small_orange_diamond 🔸|small_red_triangle 🔺|small_red_triangle_down 🔻|black_small_square ▪️`;

const EMOJI = new Map(
  TABLE.split(/[|\n]/)
    .filter(Boolean)
    .map((entry) => entry.split(" ")),
);

/** The reactions offered first. */
export const FREQUENT_REACTIONS = [
  "+1",
  "eyes",
  "white_check_mark",
  "raised_hands",
  "tada",
  "heart",
  "fire",
  "rotating_light",
  "warning",
  "thinking_face",
  "x",
  "-1",
];

/** The character of a shortcode, or null. Skin tone suffixes are ignored. */
function emojiCharacter(name) {
  return EMOJI.get(name.split("::")[0]) ?? null;
}

/** The character, or `:name:` where there is none. */
export function emojiText(name) {
  return emojiCharacter(name) ?? `:${name}:`;
}

/** Text with its known shortcodes replaced. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]{1,40}):/g, (whole, name) => emojiCharacter(name) ?? whole);
}

/** Shortcodes that begin with `prefix`, for completion. */
export function emojiNames(prefix, limit) {
  return [...EMOJI.keys()].filter((name) => name.startsWith(prefix)).slice(0, limit);
}
