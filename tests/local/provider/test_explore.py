import pytest
from local.provider.table import TABLE
from tests.local.provider.samples import SAMPLES
from tests.local.provider.conftest import Engine, AbortedError

CASES=[(t,n) for t,s in SAMPLES.items() for n in s.inputs if n not in TABLE[t].schema.inputs.required and n not in TABLE[t].forces_new and n not in TABLE[t].own and n not in("skipDestroy",)]

@pytest.mark.parametrize(("token","name"),CASES)
def test_removed(engine: Engine, token, name):
    i, inputs, state = engine.create_sample(token)
    new={k:v for k,v in inputs.items() if k!=name}
    s2=engine.update(token,i,state,inputs,new)
    if s2.get(name)==state.get(name):
        pytest.fail(f"unchanged {s2.get(name)}")
