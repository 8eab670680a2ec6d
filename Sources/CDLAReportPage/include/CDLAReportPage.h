// Style sheet and script of HTML reports, as text in the program: UTF-8, ends with a zero byte.
#pragma once

const char *dla_page_style(void);
const char *dla_page_script(void);
