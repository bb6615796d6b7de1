package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Initial is a file of settings to begin with, every setting explained. The three that only the operator knows are to
// be filled in, with the client's secret below its id; sessionKey and recordKey are in it, so the file is a secret. Default
// values stand behind a #.
func Initial(sessionKey, recordKey string) string {
	given := map[string]string{"CONSOLE_SESSION_KEYS": sessionKey, "CONSOLE_RECORD_KEY": recordKey}
	var b strings.Builder
	b.WriteString(initialHead)
	for _, name := range []string{"GENESYS_CLIENT_ID", "GENESYS_REGION", "CONSOLE_PUBLIC_URL"} {
		writeSetting(&b, optionOf(name), name+"=")
		if name == "GENESYS_CLIENT_ID" {
			writeSetting(&b, optionOf("GENESYS_CLIENT_SECRET"), "#GENESYS_CLIENT_SECRET=")
		}
	}
	b.WriteString("# ---- Made by web init: keep them secret, and keep a copy\n\n")
	for _, name := range []string{"CONSOLE_SESSION_KEYS", "CONSOLE_RECORD_KEY"} {
		writeSetting(&b, optionOf(name), name+"="+given[name])
	}
	b.WriteString("# ---- Everything else has a default: take the # away to change one\n\n")
	for _, o := range options(reflect.TypeFor[settings]()) {
		name := o.variable
		if name == "" || strings.Contains(b.String(), "\n"+name+"=") || strings.Contains(b.String(), "\n#"+name+"=") {
			continue
		}
		writeSetting(&b, o, "#"+name+"="+o.standard)
	}
	return b.String()
}

const initialHead = `# Settings of tokenconsole, as web --settings reads them: NAME=value, one a line. A variable of the environment wins over
# this file, and a flag over both. Secrets may stand in files of their own: NAME_FILE=/path instead of NAME=….
# Check it with: web doctor --settings THIS-FILE

# ---- Fill in these three, and the secret if the client has one

`

func writeSetting(b *strings.Builder, o option, line string) {
	fmt.Fprintf(b, "# %s\n%s\n\n", o.help, line)
}

func optionOf(name string) option {
	for _, o := range options(reflect.TypeFor[settings]()) {
		if o.variable == name {
			return o
		}
	}
	panic("config: no setting " + name)
}
