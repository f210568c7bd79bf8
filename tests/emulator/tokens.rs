//! The endpoints of API tokens.

use serde_json::{Value, json};

use super::errors::{self, Family};
use super::http::Answer;
use super::world::{EmptyPatch, SCOPES, SelfDelete, Token, World};

fn shown(token: &Token) -> Value {
    json!({"id": token.id, "name": token.name, "permissions": token.scopes, "token": token.value})
}

/// A wrong account in a path of the compatibility API.
pub(crate) fn of_account(world: &World, token: &Token, account: &str) -> Option<Answer> {
    (!world.is_within(account, &token.project)).then(|| errors::not_found(Family::Compat))
}

fn scopes(content: &Value, family: Family) -> Result<Option<Vec<String>>, Answer> {
    let (attribute, wrong) =
        ("permissions", if family == Family::Compat { "10003" } else { "invalid_auth_token_permissions" });
    let list = match &content["permissions"] {
        Value::Null => return Ok(None),
        Value::Array(list) => list.iter().map(|item| item.as_str().unwrap_or_default().to_owned()).collect(),
        Value::String(text) if family == Family::Compat => text.split(',').map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    if list.is_empty() || !list.iter().all(|scope: &String| SCOPES.contains(&scope.as_str())) {
        return Err(errors::invalid(family, wrong, "Permissions are not valid", attribute));
    }
    Ok(Some(list))
}

fn name(content: &Value, family: Family) -> Result<Option<String>, Answer> {
    match &content["name"] {
        Value::Null => Ok(None),
        Value::String(name) if !name.trim().is_empty() => Ok(Some(name.clone())),
        _ => Err(errors::invalid(family, "invalid_parameter", "Name must be present", "name")),
    }
}

pub(crate) fn create(world: &mut World, caller: &Token, family: Family, content: &Value) -> Answer {
    let (name, scopes) = match (name(content, family), scopes(content, family)) {
        (Err(answer), _) | (_, Err(answer)) => return answer,
        (Ok(Some(name)), Ok(Some(scopes))) => (name, scopes),
        (Ok(None), _) => return errors::invalid(family, "missing_required_parameter", "Name must be present", "name"),
        (_, Ok(None)) => {
            return errors::invalid(family, "missing_required_parameter", "Permissions must be present", "permissions");
        }
    };
    let project = match content["subproject_id"].as_str() {
        None => caller.project.clone(),
        Some(id) if id != caller.project && world.is_within(id, &caller.project) => id.to_owned(),
        Some(_) => {
            let code = if family == Family::Compat { "10004" } else { "invalid_subproject_id" };
            return errors::invalid(family, code, "Subproject must belong to the project", "subproject_id");
        }
    };
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    Answer::json(200, &shown(&world.add_token(&project, &name, &scopes)))
}

/// The place of a token that is not deleted and that the caller may see.
fn find(world: &World, caller: &Token, id: &str) -> Option<usize> {
    let at = world.tokens.iter().position(|token| token.id == id && token.deleted.is_none())?;
    world.is_within(&world.tokens[at].project, &caller.project).then_some(at)
}

pub(crate) fn update(world: &mut World, caller: &Token, (family, id): (Family, &str), content: &Value) -> Answer {
    let Some(at) = find(world, caller, id) else { return errors::not_found(family) };
    let (name, scopes) = match (name(content, family), scopes(content, family)) {
        (Err(answer), _) | (_, Err(answer)) => return answer,
        (Ok(name), Ok(scopes)) => (name, scopes),
    };
    let is_refused = match family {
        Family::Compat => name.is_none(),
        _ => name.is_none() && scopes.is_none() && world.modes.empty_patch == EmptyPatch::Refused,
    };
    if is_refused {
        return errors::invalid(family, "missing_required_parameter", "Name must be present", "name");
    }
    let token = &mut world.tokens[at];
    token.name = name.unwrap_or_else(|| token.name.clone());
    token.scopes = scopes.unwrap_or_else(|| token.scopes.clone());
    Answer::json(200, &shown(token))
}

pub(crate) fn delete(world: &mut World, caller: &Token, (family, id): (Family, &str)) -> Answer {
    let Some(at) = find(world, caller, id) else { return errors::not_found(family) };
    if caller.id == id && world.modes.self_delete == SelfDelete::Refused {
        return errors::invalid(family, "invalid_parameter", "A token cannot delete itself", "id");
    }
    world.tokens[at].deleted = Some(world.modes.slow_delete);
    Answer::empty(204)
}
