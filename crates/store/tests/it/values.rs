//! Values of every type, there and back, one by one and gathered.

use crate::harness::{
    Gate, NOTE, NOTE_NEW, SAMPLE, SAMPLE_NEW, SAMPLE_PUT, SAMPLE_WHERE, TENANT, on_both, send,
};
use samovar_base::{ContactId, Instant, Points};
use samovar_store::{Row, StoreError, params};

fn bad(row: Result<i64, StoreError>) -> String {
    match row {
        Err(StoreError::BadData { statement, column, what }) => format!("{statement} {column}: {what}"),
        other => panic!("{other:?} is not bad data"),
    }
}

on_both! {
    async fn values_of_every_type_come_back_as_they_went(place) {
        let store = place.store().await;
        let gate = Gate::hold(&store).await;
        let mut sent = Vec::new();
        for id in 1..=4_i64 {
            sent.push(send(&store, id.unsigned_abs(), move |tx| async move {
                let (flag, raw) = (id % 2 == 0, vec![0_u8, 255, u8::try_from(id).unwrap()]);
                let write = if id < 3 { &SAMPLE_NEW } else { &SAMPLE_PUT };
                tx.put(write, params![id, i64::MIN + id, format!("ёлка №{id} 'в кавычках'"), raw, flag]);
                Ok(())
            }).await);
        }
        let empty = send(&store, 5, |tx| async move {
            tx.put(&SAMPLE_NEW, params![5_i64, None::<i64>, None::<&str>, None::<Vec<u8>>, None::<bool>]);
            Ok(())
        }).await;
        gate.open_for(&store, 5).await;
        for unit in sent {
            unit.await.unwrap().unwrap();
        }
        empty.await.unwrap().unwrap();
        let read = |id: i64| store.read(TENANT, move |tx| async move { tx.one(&SAMPLE, params![id]).await });
        for id in 1..=4_i64 {
            let row = read(id).await.unwrap().unwrap();
            assert_eq!(row.int(0), Ok(i64::MIN + id));
            assert_eq!(row.text(1), Ok(format!("ёлка №{id} 'в кавычках'").as_str()));
            assert_eq!(row.bytes(2), Ok(&[0_u8, 255, u8::try_from(id).unwrap()][..]));
            assert_eq!(row.bool(3), Ok(id % 2 == 0));
        }
        let row: Row = read(5).await.unwrap().unwrap();
        assert_eq!((row.opt_int(0), row.opt_text(1), row.opt_bytes(2), row.opt_bool(3)), (Ok(None), Ok(None), Ok(None), Ok(None)));
        assert_eq!(bad(row.int(0)), "SAMPLE 0: expected an integer, found NULL");
        let found = store.read(TENANT, |tx| async move {
            tx.one(&SAMPLE_WHERE, params!["ёлка №2 'в кавычках'", true, [0_u8, 255, 2]]).await
        });
        assert_eq!(found.await.unwrap().unwrap().int(0), Ok(2));
        store.close().await;
    }

    async fn what_does_not_fit_is_located(place) {
        let store = place.store().await;
        let stored = store.run(TENANT, 1, |tx| async move {
            tx.put(&NOTE_NEW, params![ContactId(1), Instant(5), "{\"a\": [1, 2]}"]);
            Ok::<_, StoreError>(())
        });
        stored.await.unwrap();
        let row = store.read(TENANT, |tx| async move { tx.one(&NOTE, params![ContactId(1)]).await }).await.unwrap().unwrap();
        assert_eq!(bad(row.int(0)), "NOTE 0: expected an integer, found a text");
        assert_eq!(bad(row.int(9)), "NOTE 9: expected an integer, found no such column");
        assert_eq!((row.instant(1), row.id::<Points>(1)), (Ok(Instant(5)), Ok(Points(5))));
        let document: serde_json::Value = row.json(0).unwrap();
        assert_eq!(document["a"][1], 2);
        assert!(bad(row.json::<i64>(0)).starts_with("NOTE 0: invalid type"));
        store.close().await;
    }
}
