package genesys

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// members are the members of a JSON object, in the order in which they were read.
type members []member

type member struct {
	name  string
	value json.RawMessage
}

// UnmarshalJSON reads an object. If a name is repeated, its last value counts.
func (m *members) UnmarshalJSON(content []byte) error {
	d := json.NewDecoder(bytes.NewReader(content))
	if opening, err := d.Token(); err != nil || opening != json.Delim('{') {
		return &json.UnmarshalTypeError{Value: "value other than an object", Offset: d.InputOffset()}
	}
	*m = nil
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		m.put(name.(string), value) // the names of members are strings
	}
	return nil
}

// MarshalJSON writes the object.
func (m members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, each := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(each.name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(each.value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (m members) index(name string) int {
	return slices.IndexFunc(m, func(each member) bool { return each.name == name })
}

// put replaces the value of a member, or adds the member at the end.
func (m *members) put(name string, value json.RawMessage) {
	if i := m.index(name); i >= 0 {
		(*m)[i].value = value
		return
	}
	*m = append(*m, member{name, value})
}

// without returns the members except those with these names.
func (m members) without(names ...string) members {
	return slices.DeleteFunc(slices.Clone(m), func(each member) bool { return slices.Contains(names, each.name) })
}

// equal reports whether m and other have the same names and values. Order, blanks
// and escapes do not matter.
func (m members) equal(other members) bool {
	return slices.EqualFunc(m.sorted(), other.sorted(), func(a, b member) bool {
		return a.name == b.name && reflect.DeepEqual(meaning(a.value), meaning(b.value))
	})
}

func (m members) sorted() members {
	return slices.SortedFunc(slices.Values(m), func(a, b member) int { return strings.Compare(a.name, b.name) })
}

// meaning decodes a value. Numbers stay as they are written.
func meaning(value json.RawMessage) any {
	var decoded any
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	_ = d.Decode(&decoded) // it has been decoded before
	return decoded
}
