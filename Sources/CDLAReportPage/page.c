#include "CDLAReportPage.h"

static const char style[] = {
#embed "page.css" suffix(, 0)
};
static const char script[] = {
#embed "page.js" suffix(, 0)
};

const char *dla_page_style(void) { return style; }
const char *dla_page_script(void) { return script; }
