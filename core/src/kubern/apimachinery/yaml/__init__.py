"""YAML as kube-apiserver reads and writes it: the rules of goyaml v2 through sigs.k8s.io/yaml.

Documents become what their JSON would: keys are text, timestamps stay text, `y` is true and `014` is twelve.
`load.py` reads, `dump.py` writes.
"""

from kubern.apimachinery.yaml.dump import dump_yaml as dump_yaml
from kubern.apimachinery.yaml.load import load_yaml as load_yaml
