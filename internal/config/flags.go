package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// commandLine is what flags gave. Its fields and their tags are the one source of flags, variables and help.
type commandLine struct {
	settings

	Name string   `of:"init,audit keygen" default:"tokenconsole" placeholder:"NAME" help:"What the record's key is called; it begins every checkpoint."`
	Keys []string `of:"audit verify,audit prove" name:"key" placeholder:"PUBLIC" help:"Public key to believe; may be repeated. Default: that of CONSOLE_RECORD_KEY."`
}

// option is a field of commandLine as a flag.
type option struct {
	flag        string // without --
	variable    string // of the environment and the file of settings; "" for none
	placeholder string // "" for yes or no
	standard    string // its value if nobody gives one
	help        string
	secret      bool      // can be read from a file
	of          []Command // that read it; the others refuse it
}

// readBy reports whether c reads the option.
func (o option) readBy(c Command) bool { return slices.Contains(o.of, c) }

// described reads the tags of a field.
func described(field reflect.StructField) option {
	o := option{
		flag: field.Tag.Get("name"), variable: field.Tag.Get("setting"), placeholder: field.Tag.Get("placeholder"),
		standard: field.Tag.Get("default"), help: field.Tag.Get("help"),
	}
	if o.flag == "" {
		o.flag = kebab(field.Name)
	}
	_, o.secret = field.Tag.Lookup("secret")
	for command := range strings.SplitSeq(cmp.Or(field.Tag.Get("of"), "serve,doctor"), ",") {
		o.of = append(o.of, Command(command))
	}
	return o
}

// kebab is the flag of a field: DemoRateLimit is demo-rate-limit, ClientID client-id.
func kebab(name string) string {
	name = strings.ReplaceAll(name, "ID", "Id")
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// options are those of the fields of a struct, in their order.
func options(of reflect.Type) (list []option) {
	for field := range of.Fields() {
		if field.Anonymous {
			list = append(list, options(field.Type)...)
			continue
		}
		list = append(list, described(field))
	}
	return list
}

// flags makes flags of the fields of a struct, which they set.
func flags(set *pflag.FlagSet, fields reflect.Value) {
	for i := range fields.NumField() {
		field := fields.Type().Field(i)
		if field.Anonymous {
			flags(set, fields.Field(i))
			continue
		}
		o := described(field)
		switch into := fields.Field(i).Addr().Interface().(type) {
		case *bool:
			set.BoolVar(into, o.flag, false, "")
		case *[]string:
			set.StringArrayVar(into, o.flag, nil, "")
		case *string:
			set.StringVar(into, o.flag, o.standard, "")
		}
	}
}

// read fills c from args and, where no flag was given, from the environment and the file of settings.
func (c *commandLine) read(args []string, source *environment) (usage, []string, error) {
	set := pflag.NewFlagSet("web", pflag.ContinueOnError)
	set.Usage = func() {}
	flags(set, reflect.ValueOf(c).Elem())
	failed := set.Parse(args)
	command, arguments, err := commandOf(set.Args())
	if errors.Is(failed, pflag.ErrHelp) {
		return command, nil, ErrHelp
	}
	if err = cmp.Or(failed, err); err != nil {
		return command, nil, err
	}
	if err = command.take(arguments); err != nil {
		return command, nil, err
	}
	if c.Settings != "" {
		source.readFile(c.Settings)
	}
	for _, o := range options(reflect.TypeFor[commandLine]()) {
		switch given := set.Changed(o.flag); {
		case given && !o.readBy(command.command):
			return command, nil, fmt.Errorf("web %s has no --%s", command.command, o.flag)
		case given, !o.readBy(command.command):
		default:
			if value := source.find(o); value != "" && set.Set(o.flag, value) != nil {
				source.problems = append(source.problems, fmt.Sprintf("%s (--%s) is not true or false", o.variable, o.flag))
			}
		}
	}
	return command, arguments, nil
}
