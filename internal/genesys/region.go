package genesys

import (
	"fmt"
	"slices"
	"strings"
)

// Region is one of the vendor's deployments. It has a log-in server and an API under
// one domain. An organization belongs to one region.
type Region struct {
	// Name is the vendor's name of the region, such as "eu-central-1".
	Name string
	// Domain is the region's domain, such as "mypurecloud.de". Settings use it.
	Domain string
	// LoginURL is the origin of the OAuth log-in server, without a final slash.
	LoginURL string
	// APIURL is the origin of the platform API, without a final slash.
	APIURL string
}

// regions are the published regions: name and domain.
var regions = [...][2]string{
	{"us-east-1", "mypurecloud.com"},
	{"us-east-2", "use2.us-gov-pure.cloud"},
	{"us-west-2", "usw2.pure.cloud"},
	{"ca-central-1", "cac1.pure.cloud"},
	{"mx-central-1", "mxc1.pure.cloud"},
	{"sa-east-1", "sae1.pure.cloud"},
	{"eu-west-1", "mypurecloud.ie"},
	{"eu-west-2", "euw2.pure.cloud"},
	{"eu-central-1", "mypurecloud.de"},
	{"eu-central-2", "euc2.pure.cloud"},
	{"eusc-de-east-1", "edee1.eusc-pure.cloud"},
	{"me-central-1", "mec1.pure.cloud"},
	{"ap-south-1", "aps1.pure.cloud"},
	{"ap-southeast-1", "apse1.pure.cloud"},
	{"ap-southeast-2", "mypurecloud.com.au"},
	{"ap-northeast-1", "mypurecloud.jp"},
	{"ap-northeast-2", "apne2.pure.cloud"},
	{"ap-northeast-3", "apne3.pure.cloud"},
}

// ParseRegion finds a published region by its domain or its name.
func ParseRegion(text string) (Region, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	i := slices.IndexFunc(regions[:], func(r [2]string) bool { return r[0] == text || r[1] == text })
	if i < 0 {
		return Region{}, fmt.Errorf("no region %q: use one of %s", text, strings.Join(RegionDomains(), ", "))
	}
	name, domain := regions[i][0], regions[i][1]
	return Region{
		Name:     name,
		Domain:   domain,
		LoginURL: "https://login." + domain,
		APIURL:   "https://api." + domain,
	}, nil
}

// RegionDomains returns the domains of the published regions.
func RegionDomains() []string {
	domains := make([]string, len(regions))
	for i, r := range regions {
		domains[i] = r[1]
	}
	return domains
}
