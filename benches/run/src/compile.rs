pub(crate) fn compile() -> Result<(), crate::Error> { Err("to come".into()) }
